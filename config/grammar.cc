#include "config/grammar.h"

#include <cctype>

#include <fmt/format.h>

#include "config/values/values.h"

namespace strongroom::config {
namespace {

struct TypeName {
  template <typename S>
  std::string_view operator()(bool S::*) const {
    return "boolean";
  }
  template <typename S>
  std::string_view operator()(std::uint32_t S::*) const {
    return "number";
  }
  template <typename S>
  std::string_view operator()(ByteSize S::*) const {
    return "size";
  }
  template <typename S>
  std::string_view operator()(std::chrono::milliseconds S::*) const {
    return "duration";
  }
  template <typename S>
  std::string_view operator()(std::filesystem::path S::*) const {
    return "path";
  }
  template <typename S>
  std::string_view operator()(std::string S::*) const {
    return "string";
  }
  template <typename S>
  std::string_view operator()(KeySource S::*) const {
    return "string";
  }
  template <typename S>
  std::string_view operator()(SecretSource S::*) const {
    return "string";
  }
  template <typename S>
  std::string_view operator()(Pcrs S::*) const {
    return "string";
  }
  template <typename S>
  std::string_view operator()(ProviderName S::*) const {
    return "string";
  }
  template <typename S>
  std::string_view operator()(Tcti S::*) const {
    return "string";
  }
  template <typename S>
  std::string_view operator()(TokenUri S::*) const {
    return "string";
  }
  template <typename S>
  std::string_view operator()(TokenName S::*) const {
    return "string";
  }
  template <typename S>
  std::string_view operator()(TokenSlot S::*) const {
    return "number";
  }
  template <typename S>
  std::string_view operator()(FileMode S::*) const {
    return "mode";
  }
  template <typename S>
  std::string_view operator()(User S::*) const {
    return "user";
  }
  template <typename S>
  std::string_view operator()(Tenant S::*) const {
    return "name";
  }
  template <typename S>
  std::string_view operator()(Group S::*) const {
    return "group";
  }
  template <typename S, typename Element>
  std::string_view operator()(std::vector<Element> S::*) const {
    return "list";
  }
  template <typename S, typename Word>
  std::string_view operator()(Word S::*) const {
    return "word";
  }
};

// A bound as people read it, of those types that have bounds.
struct BoundText {
  std::uint64_t bound;

  template <typename S>
  std::string operator()(std::uint32_t S::*) const {
    return readable(static_cast<std::uint32_t>(bound));
  }
  template <typename S>
  std::string operator()(ByteSize S::*) const {
    return readable(ByteSize{bound});
  }
  template <typename S>
  std::string operator()(std::chrono::milliseconds S::*) const {
    return readable(std::chrono::milliseconds(bound));
  }
  template <typename S, typename Other>
  std::string operator()(Other S::*) const {
    return {};
  }
};

template <typename Section>
std::string documentation_of(const Key<Section>& key) {
  std::string text(key.documentation);
  if (!key.of) return text;
  text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
  return fmt::format("Of a {}: {}", *key.of == ProviderType::Tpm ? "TPM" : "token", text);
}

template <typename Section>
KeyDescription described(const std::string& section, const Key<Section>& key) {
  const Section defaults{};
  std::string fallback =
      std::visit([&](auto member) { return to_toml(defaults.*member); }, key.field);
  if (key.presence == Presence::Required) fallback.clear();
  return {.section = section,
          .name = key.name,
          .type = std::visit(TypeName{}, key.field),
          .fallback = std::move(fallback),
          .least = std::visit(BoundText{key.bounds.least}, key.field),
          .most = std::visit(BoundText{key.bounds.most}, key.field),
          .documentation = documentation_of(key),
          .effect = key.effect,
          .of = key.of};
}

template <typename Section>
std::string heading(std::string_view name, Section Settings::*) {
  return fmt::format("[{}]", name);
}
template <typename Section>
std::string heading(std::string_view name, std::vector<Section> Settings::*) {
  return fmt::format("[[{}]]", name);
}

}  // namespace

std::vector<KeyDescription> describe_grammar() {
  std::vector<KeyDescription> all;
  visit_sections([&](std::string_view name, auto member, const auto& keys) {
    for (const auto& key : keys)
      all.push_back(described(heading(name, member), key));
  });
  return all;
}

}  // namespace strongroom::config
