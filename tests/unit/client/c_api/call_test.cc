#include "client/c_api/call.h"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/access.h"

namespace strongroom::c_api {
namespace {

TEST(Call, LackOfMemoryIsAStatusAndAnError) {
  strongroom_error* error = nullptr;
  auto run_out = []() -> ClientResult<> { throw std::bad_alloc(); };
  EXPECT_EQ(perform(&error, run_out), STRONGROOM_STATUS_PSA_ERROR_INSUFFICIENT_MEMORY);
  EXPECT_EQ(strongroom_error_status(error), STRONGROOM_STATUS_PSA_ERROR_INSUFFICIENT_MEMORY);
  EXPECT_EQ(strongroom_error_source(error), STRONGROOM_SOURCE_CALLER);
  strongroom_error_free(error);
}

TEST(Call, NoExceptionLeavesIt) {
  auto misbehave = []() -> ClientResult<> { throw std::logic_error("misbehaving"); };
  EXPECT_EQ(perform(nullptr, misbehave), STRONGROOM_STATUS_PSA_ERROR_GENERIC_ERROR);
}

TEST(Call, ErrorsBeforeItAreOverwrittenAndOutParametersCleared) {
  auto* error = reinterpret_cast<strongroom_error*>(1);
  auto* buffer = reinterpret_cast<strongroom_buffer*>(1);
  auto fail = []() -> ClientResult<SecretBytes> { return null_argument("thing"); };
  EXPECT_EQ(make_handle(&buffer, &error, fail), STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(buffer, nullptr);
  EXPECT_STREQ(strongroom_error_message(error), "reading the arguments: 'thing' is NULL");
  strongroom_error_free(error);

  error = reinterpret_cast<strongroom_error*>(1);
  EXPECT_EQ(perform(&error, []() -> ClientResult<> { return {}; }), STRONGROOM_STATUS_SUCCESS);
  EXPECT_EQ(error, nullptr);
}

TEST(Call, WhatNobodyCanTakeIsNotMade) {
  bool is_called = false;
  auto work = [&]() -> ClientResult<SecretBytes> {
    is_called = true;
    return SecretBytes();
  };
  EXPECT_EQ(make_handle<strongroom_buffer>(nullptr, nullptr, work),
            STRONGROOM_STATUS_PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_FALSE(is_called);
}

TEST(Call, ErrorTellsWhetherTheOutcomeIsUnknown) {
  strongroom_error* error = nullptr;
  for (bool is_unknown : {false, true}) {
    perform(&error, [&]() -> ClientResult<> {
      ClientError lost(ErrorSource::Connection, Status::ConnectionError, "lost", 104);
      if (is_unknown) detail::Access::mark_outcome_unknown(lost);
      return std::unexpected(lost);
    });
    EXPECT_EQ(strongroom_error_outcome_is_unknown(error), is_unknown);
    EXPECT_EQ(strongroom_error_errno(error), 104);
    strongroom_error_free(error);
  }
}

}  // namespace
}  // namespace strongroom::c_api
