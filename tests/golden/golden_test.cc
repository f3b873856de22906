// Golden frames pin the bytes that cross the socket. A file is named after the opcode (four hex
// digits), the package and, when there are several, the variant: 0004-psa_sign_hash-rsa_raw. It
// has a comment, a "field: value" line for each header field and for a request's auth bytes, the
// message in protobuf text format, an empty line, and the frame in hex.

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "protocol/frame.h"
#include "tests/support/hex.h"
#include "tests/support/matchers.h"

namespace strongroom {
namespace {

using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;
namespace fs = std::filesystem;

const fs::path kRoot = STRONGROOM_SOURCE_ROOT;
const fs::path kFolder = kRoot / "tests" / "golden";

struct GoldenFrame {
  std::map<std::string, std::uint64_t> fields;  // of the header
  Bytes auth;
  std::unique_ptr<Message> message;
  Bytes bytes;

  template <typename T>
  T field(const std::string& name) const {
    return static_cast<T>(fields.at(name));
  }
};

bool is_request(const fs::path& path) {
  return path.stem().extension() == ".request";
}

std::string rest_of(std::istream& file) {
  return {std::istreambuf_iterator<char>(file), {}};
}

// The body of the file's operation, of which the file's name tells the package.
std::unique_ptr<Message> new_message(const fs::path& path) {
  std::string name = path.stem().stem();
  std::string package = name.substr(5, name.find('-', 5) - 5);
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
          package + (is_request(path) ? ".Operation" : ".Result"));
  if (!descriptor) return nullptr;
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  return std::unique_ptr<Message>(factory->GetPrototype(descriptor)->New());
}

void read(const fs::path& path, GoldenFrame& frame) {
  std::vector<std::string> names = {"provider",  "session", "content_type",
                                    "body_size", "opcode",  "status"};
  if (is_request(path))
    names = {"flags",     "provider",  "session",   "content_type", "accept_type",
             "auth_type", "body_size", "auth_size", "opcode"};
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line) && line.starts_with('#'))
    continue;
  for (const std::string& name : names) {
    ASSERT_TRUE(line.starts_with(name + ": ")) << "'" << line << "' should be " << name;
    frame.fields[name] = std::stoull(line.substr(name.size() + 2), {}, 0);
    std::getline(file, line);
  }
  if (is_request(path)) {
    ASSERT_TRUE(line.starts_with("auth:")) << line;
    frame.auth = testing::from_hex(line.substr(5));
    std::getline(file, line);
  }
  std::string text;
  for (; !line.empty(); std::getline(file, line))
    text += line + '\n';
  frame.message = new_message(path);
  ASSERT_TRUE(frame.message) << "no contract for this name";
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, frame.message.get()));
  frame.bytes = testing::from_hex(rest_of(file));
}

RequestHeader request_header(const GoldenFrame& frame) {
  return {
      .flags = frame.field<std::uint16_t>("flags"),
      .provider = frame.field<std::uint8_t>("provider"),
      .session = frame.field<std::uint64_t>("session"),
      .content_type = frame.field<std::uint8_t>("content_type"),
      .accept_type = frame.field<std::uint8_t>("accept_type"),
      .auth_type = frame.field<std::uint8_t>("auth_type"),
      .body_size = frame.field<std::uint32_t>("body_size"),
      .auth_size = frame.field<std::uint16_t>("auth_size"),
      .opcode = frame.field<std::uint32_t>("opcode"),
  };
}

ResponseHeader response_header(const GoldenFrame& frame) {
  return {
      .provider = frame.field<std::uint8_t>("provider"),
      .session = frame.field<std::uint64_t>("session"),
      .content_type = frame.field<std::uint8_t>("content_type"),
      .body_size = frame.field<std::uint32_t>("body_size"),
      .opcode = frame.field<std::uint32_t>("opcode"),
      .status = frame.field<std::uint16_t>("status"),
  };
}

class GoldenFile : public ::testing::TestWithParam<fs::path> {
 protected:
  void SetUp() override { read(GetParam(), frame_); }

  GoldenFrame frame_;
};

TEST_P(GoldenFile, BytesDecodeToItsFields) {
  ByteView bytes = frame_.bytes;
  ASSERT_GE(bytes.size(), kHeaderSize);
  if (is_request(GetParam())) {
    auto header = decode_request_header(bytes);
    ASSERT_THAT(header, testing::IsOkAndHolds(::testing::Optional(request_header(frame_))));
  } else {
    auto header = decode_response_header(bytes.first<kHeaderSize>());
    ASSERT_THAT(header, testing::IsOkAndHolds(response_header(frame_)));
  }
  auto body_size = frame_.field<std::size_t>("body_size");
  ASSERT_EQ(bytes.size(), kHeaderSize + body_size + frame_.auth.size());
  EXPECT_EQ(copy_of(bytes.subspan(kHeaderSize + body_size)), frame_.auth);

  std::unique_ptr<Message> decoded(frame_.message->New());
  ASSERT_TRUE(decoded->ParseFromArray(bytes.data() + kHeaderSize, static_cast<int>(body_size)));
  EXPECT_TRUE(MessageDifferencer::Equals(*decoded, *frame_.message)) << decoded->DebugString();
}

TEST_P(GoldenFile, FieldsEncodeToItsBytes) {
  HeaderBytes header =
      is_request(GetParam()) ? encode(request_header(frame_)) : encode(response_header(frame_));
  Bytes encoded(header.begin(), header.end());
  Bytes body = bytes_of(frame_.message->SerializeAsString());
  encoded.insert(encoded.end(), body.begin(), body.end());
  encoded.insert(encoded.end(), frame_.auth.begin(), frame_.auth.end());
  EXPECT_EQ(to_hex(encoded), to_hex(frame_.bytes));
}

TEST_P(GoldenFile, NameBeginsWithItsOpcode) {
  EXPECT_EQ(GetParam().filename().string().substr(0, 4),
            fmt::format("{:04x}", frame_.fields.at("opcode")));
}

std::vector<fs::path> golden_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kFolder))
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

std::string test_name(const ::testing::TestParamInfo<fs::path>& info) {
  std::string name = info.param.stem();
  std::ranges::replace_if(name, [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenFile, ::testing::ValuesIn(golden_files()), test_name);

// PsaSignHash = 4 → 0004-psa_sign_hash
std::string stem_of(const std::string& enumerator, unsigned opcode) {
  std::string name = std::regex_replace(enumerator, std::regex("(.)([A-Z])"), "$1_$2");
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return fmt::format("{:04x}-{}", opcode, name);
}

TEST(GoldenFiles, CoverEveryOpcodeBothWays) {
  std::ifstream file(kRoot / "protocol" / "opcode.h");
  std::string header = rest_of(file);
  std::size_t begin = header.find("enum class Opcode");
  ASSERT_NE(begin, header.npos);
  std::string enumeration = header.substr(begin, header.find("};", begin) - begin);
  std::regex enumerator("(\\w+) = (\\w+),");
  std::size_t count = 0;
  for (std::sregex_iterator match(enumeration.begin(), enumeration.end(), enumerator), end;
       match != end; ++match, ++count) {
    std::string stem = stem_of((*match)[1], static_cast<unsigned>(std::stoul((*match)[2], {}, 0)));
    EXPECT_TRUE(fs::exists(kFolder / (stem + ".request.txt"))) << stem;
    EXPECT_TRUE(fs::exists(kFolder / (stem + ".response.txt"))) << stem;
  }
  EXPECT_GE(count, 33U);
}

}  // namespace
}  // namespace strongroom
