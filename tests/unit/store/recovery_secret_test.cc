#include "service/store/keying/recovery_secret.h"

#include <random>
#include <string>

#include <gmock/gmock.h>

#include "tests/support/matchers.h"

namespace strongroom::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr auto kRefused = Status::PsaErrorInvalidArgument;

std::string text_of_secret(const RecoverySecret& secret) {
  return std::string(text_of(secret.text()->reveal()));
}

bool reads_as(const std::string& text, const RecoverySecret& secret) {
  Result<RecoverySecret> read = RecoverySecret::parse(view_of(text));
  return read && copy_of(read->reveal()) == copy_of(secret.reveal());
}

std::string complaint(const std::string& text) {
  Result<RecoverySecret> read = RecoverySecret::parse(view_of(text));
  return read ? "none" : read.error().message();
}

TEST(RecoverySecret, IsReadAsItWasWritten) {
  for (int i = 0; i < 200; ++i) {
    const RecoverySecret secret = *RecoverySecret::generate();
    EXPECT_EQ(secret.reveal().size(), 20U);
    const std::string text = text_of_secret(secret);
    EXPECT_THAT(text, MatchesRegex("([0-9A-HJKMNP-TV-Z]{5}-){7}[0-9A-HJKMNP-TV-Z]{5}"));
    EXPECT_TRUE(reads_as(text, secret)) << text;
  }
}

// Computed apart from this code.
TEST(RecoverySecret, FormatIsTheDocumentedOne) {
  Result<RecoverySecret> read =
      RecoverySecret::parse(view_of("000G5-40R4C-0M30Z-E209T-185GF-R38EX-1W81A-24GKE"));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(to_hex(read->reveal()), "000102030405060708090a0b0c0d0e0f10111213");
}

TEST(RecoverySecret, IsAnotherEachTime) {
  EXPECT_NE(text_of_secret(*RecoverySecret::generate()),
            text_of_secret(*RecoverySecret::generate()));
}

TEST(RecoverySecret, IsReadHoweverItIsTyped) {
  const RecoverySecret secret = *RecoverySecret::generate();
  std::string text = text_of_secret(secret);
  std::string typed = " ";
  for (char letter : text) {
    if (letter == '0') letter = 'o';
    if (letter == '1') letter = 'l';
    if (letter == '-') letter = ' ';
    typed += static_cast<char>(std::tolower(letter));
  }
  EXPECT_TRUE(reads_as(typed + "\r\n", secret)) << typed;
  std::erase(text, '-');
  EXPECT_TRUE(reads_as(text, secret)) << text;
}

TEST(RecoverySecret, NamesTheGroupWithTheMistake) {
  const std::string text = text_of_secret(*RecoverySecret::generate());
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '-') continue;
    for (char other : kAlphabet) {
      if (other == text[at]) continue;
      std::string mistyped = text;
      mistyped[at] = other;
      EXPECT_THAT(complaint(mistyped), HasSubstr(fmt::format("group {} ", at / 6 + 1)));
    }
  }
}

TEST(RecoverySecret, TellsLettersAndGroupsThatAreSwapped) {
  for (int round = 0; round < 50; ++round) {
    const std::string text = text_of_secret(*RecoverySecret::generate());
    for (std::size_t at = 0; at + 1 < text.size(); ++at) {
      if (text[at] == '-' || text[at + 1] == '-' || text[at] == text[at + 1]) continue;
      std::string swapped = text;
      std::swap(swapped[at], swapped[at + 1]);
      EXPECT_THAT(complaint(swapped), HasSubstr(fmt::format("group {} ", at / 6 + 1)));
    }
    EXPECT_THAT(complaint(text.substr(6, 6) + text.substr(0, 6) + text.substr(12)),
                HasSubstr("group 1 "));
  }
}

TEST(RecoverySecret, SaysWhatIsMissingAndNeverRepeatsIt) {
  const std::string text = text_of_secret(*RecoverySecret::generate());
  EXPECT_THAT(complaint(text.substr(0, 41)), HasSubstr("35 letters and digits, not 40"));
  EXPECT_THAT(complaint(text + "0"), HasSubstr("41 letters"));
  EXPECT_THAT(complaint(""), HasSubstr("0 letters"));
  EXPECT_THAT(complaint(std::string(300, 'A')), HasSubstr("too long"));
  std::string foreign = text;
  foreign[7] = 'U';
  EXPECT_THAT(complaint(foreign), HasSubstr("group 2 has a character"));
  EXPECT_THAT(complaint(foreign), ::testing::Not(HasSubstr(text.substr(0, 5))));
}

TEST(RecoverySecret, AnyBytesGiveOneOrAnError) {
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    std::string text(random() % 80, '\0');
    for (char& letter : text)
      letter = static_cast<char>(random());
    Result<RecoverySecret> read = RecoverySecret::parse(view_of(text));
    if (!read) {
      EXPECT_EQ(read.error().status(), kRefused);
    }
  }
}

}  // namespace
}  // namespace strongroom::testing
