#include "service/auth/process_lookup.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace strongroom {
namespace {

TEST(ProcessLookup, KnowsThisProcess) {
  const ProcessLookup lookup = ProcessLookup::of_the_kernel();
  const auto facts = lookup.read_facts(::getpid());
  ASSERT_TRUE(facts.has_value());
  EXPECT_EQ(facts->uid, ::geteuid());
  EXPECT_GT(facts->started, 0U);
  EXPECT_EQ(facts, lookup.read_facts(::getpid()));
  EXPECT_TRUE(lookup.open(::getpid()));
}

TEST(ProcessLookup, NameOfAProcessChangesNoFact) {
  const ProcessLookup lookup = ProcessLookup::of_the_kernel();
  const auto before = lookup.read_facts(::getpid());
  char name[16];
  ASSERT_EQ(::prctl(PR_GET_NAME, name), 0);
  ::prctl(PR_SET_NAME, "1) S 1\n2 (3");
  EXPECT_EQ(lookup.read_facts(::getpid()), before);
  ::prctl(PR_SET_NAME, name);
}

TEST(ProcessLookup, KnowsNothingOfProcessesThatAreGone) {
  const ProcessLookup lookup = ProcessLookup::of_the_kernel();
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(lookup.read_facts(child), std::nullopt);
  EXPECT_FALSE(lookup.open(child));
}

}  // namespace
}  // namespace strongroom
