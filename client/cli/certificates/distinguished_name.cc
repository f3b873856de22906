#include "client/cli/certificates/distinguished_name.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "base/bytes.h"
#include "client/cli/format/openssl_handles.h"
#include "client/cli/format/text_encoding.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

struct Part {
  std::string type;   // "CN", "2.5.4.3"
  std::string value;  // UTF-8, without escapes
};
using Parts = std::vector<Part>;  // of one relative name

std::unexpected<Failure> not_a_name(std::string_view text, std::string_view cause) {
  ERR_clear_error();
  return failed(ExitCode::Usage, fmt::format("reading the subject '{}': {}", visible(text), cause),
                "for example /CN=www.example.org/O=Example, or CN=www.example.org,O=Example");
}

// One side of a "type=value", as far as it is read.
class Word {
 public:
  void add(char c) {
    if (c == ' ' && text_.empty()) return;
    text_ += c;
    if (c != ' ') size_ = text_.size();
  }
  // Escaped, it counts whatever it is.
  void add_escaped(char c) {
    text_ += c;
    size_ = text_.size();
  }
  // Without spaces around it, except escaped ones.
  std::string take() {
    text_.resize(size_);
    size_ = 0;
    return std::exchange(text_, "");
  }

 private:
  std::string text_;
  std::size_t size_ = 0;
};

// Reads the parts of either notation; `separator` is what stands between relative names.
class NameReader {
 public:
  NameReader(std::string_view text, char separator) : rest_(text), separator_(separator) {}

  // False when something is not understood; what, says cause().
  bool read() {
    while (!rest_.empty()) {
      char c = take();
      if (c == '\\')
        read_escaped();
      else if (c == '=' && !has_type_)
        end_type();
      else if (c == '+' || c == separator_)
        end_part(c == separator_);
      else
        word_.add(c);
    }
    end_part(true);
    return cause_.empty();
  }

  const std::string& cause() const { return cause_; }
  const std::vector<Parts>& names() const { return names_; }

 private:
  char take() {
    char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  // A character, or two hexadecimal digits (RFC 4514 §3).
  void read_escaped() {
    if (rest_.empty()) {
      cause_ = "it ends in a backslash";
      return;
    }
    std::optional<SecretBytes> octet = from_hex(rest_.substr(0, 2));
    if (!octet || octet->empty()) {
      word_.add_escaped(take());
      return;
    }
    word_.add_escaped(static_cast<char>(octet->front()));
    rest_.remove_prefix(2);
  }

  void end_type() {
    part_.type = word_.take();
    has_type_ = true;
  }

  void end_part(bool ends_name) {
    part_.value = word_.take();
    if (!has_type_ && cause_.empty())
      cause_ = fmt::format("'{}' has no type in front of it", visible(part_.value));
    if (part_.value.empty() && cause_.empty())
      cause_ = fmt::format("'{}' has no value", visible(part_.type));
    if (part_.value.starts_with('#') && separator_ == ',' && cause_.empty())
      cause_ = "values in hexadecimal BER are not read";
    parts_.push_back(std::exchange(part_, {}));
    has_type_ = false;
    if (ends_name) names_.push_back(std::exchange(parts_, {}));
  }

  std::string_view rest_;
  char separator_;
  Word word_;
  Part part_;
  bool has_type_ = false;
  Parts parts_;
  std::vector<Parts> names_;
  std::string cause_;
};

Owned<ASN1_OBJECT> type_named(const std::string& name) {
  Owned<ASN1_OBJECT> object(OBJ_txt2obj(name.c_str(), 0));
  if (object) return object;
  std::string upper = name;  // RFC 4514 §3 does not tell cn from CN
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  });
  return Owned<ASN1_OBJECT>(OBJ_txt2obj(upper.c_str(), 0));
}

// What is wrong with it; empty when it is added.
std::string add(X509_NAME& name, const Part& part, bool joins_previous) {
  Owned<ASN1_OBJECT> type = type_named(part.type);
  if (!type) return fmt::format("there is no type '{}'", visible(part.type));
  ByteView value = view_of(part.value);
  int added =
      X509_NAME_add_entry_by_OBJ(&name, type.get(), MBSTRING_UTF8, octets(value),
                                 static_cast<int>(value.size()), -1, joins_previous ? -1 : 0);
  if (added == 1) return "";
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  return fmt::format("'{}' cannot be the value of {}: {}", visible(part.value), visible(part.type),
                     reason == nullptr ? "libcrypto failed" : reason);
}

}  // namespace

Outcome<der::Element> name_from(std::string_view text) {
  bool is_openssl = text.starts_with('/');
  NameReader reader(is_openssl ? text.substr(1) : text, is_openssl ? '/' : ',');
  if (!reader.read()) return not_a_name(text, reader.cause());
  std::vector<Parts> names = reader.names();
  if (!is_openssl) std::ranges::reverse(names);
  Owned<X509_NAME> name(X509_NAME_new());
  if (!name) return failed(ExitCode::Other, "building a name: libcrypto failed");
  for (const Parts& parts : names)
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (std::string cause = add(*name, parts[i], i != 0); !cause.empty())
        return not_a_name(text, cause);
  unsigned char* encoded = nullptr;
  int size = i2d_X509_NAME(name.get(), &encoded);
  Owned<unsigned char> owned(encoded);
  if (size <= 0) return failed(ExitCode::Other, "building a name: libcrypto failed");
  ByteView bytes = std::as_bytes(std::span(encoded, static_cast<std::size_t>(size)));
  return der::Element(bytes.begin(), bytes.end());
}

}  // namespace strongroom::cli
