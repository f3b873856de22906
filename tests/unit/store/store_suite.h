// What every Store does. An implementation joins by one INSTANTIATE_TEST_SUITE_P.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "service/store/store.h"

namespace strongroom::testing {

struct StoreUnderTest {
  std::string name;  // for the test's name
  // An empty one each time. What it needs lives as long as the pointer.
  std::function<std::shared_ptr<Store>()> create;
};

class StoreSuite : public ::testing::TestWithParam<StoreUnderTest> {
 protected:
  void SetUp() override {
    store_ = GetParam().create();
    ASSERT_NE(store_, nullptr);
  }
  std::shared_ptr<Store> store_;
};

}  // namespace strongroom::testing
