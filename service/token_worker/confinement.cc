#include "service/token_worker/confinement.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "providers/pkcs11/token/token_address.h"
#include "service/token_worker/early_calls.h"
#include "service/token_worker/system_calls.h"

namespace strongroom {
namespace {

using landlock::Rule;
using landlock::Use;
using token_worker::Sandbox;
using token_worker::Start;

// The checks of sanitizers at the end need what is refused.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsInstrumented = true;
#else
constexpr bool kIsInstrumented = false;
#endif

constexpr const char* kRead[] = {
    "/usr",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc",
    "/proc/self",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/filesystems",
    "/proc/sys/kernel",
    "/proc/sys/vm",
    "/proc/sys/crypto",
    "/sys/devices/system/cpu",
};
constexpr const char* kWritten[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random",
                                    "/dev/urandom"};

std::vector<Rule> rules_of(Sandbox sandbox) {
  switch (sandbox) {
    case Sandbox::Files: return {};
    case Sandbox::Pcsc: return {{"/run/pcscd", Use::Write}};
    case Sandbox::Usb:
      return {{"/dev/bus/usb", Use::Write},
              {"/run/udev", Use::Read},
              {"/sys/bus", Use::Read},
              {"/sys/class", Use::Read},
              {"/sys/devices", Use::Read}};
    case Sandbox::Network: return {{"/run/systemd/resolve", Use::Read}};
  }
  return {};
}

// softhsm2.conf(5): where its tokens are.
std::string softhsm_tokens(const std::string& configuration) {
  constexpr std::string_view kKey = "directories.tokendir";
  constexpr const char* kBlanks = " \t";
  std::ifstream file(configuration);
  for (std::string line; std::getline(file, line);) {
    const auto equals = line.find('=');
    if (equals == std::string::npos) continue;
    auto trimmed = [&](std::string text) {
      text.erase(0, text.find_first_not_of(kBlanks));
      text.erase(text.find_last_not_of(kBlanks) + 1);
      return text;
    };
    if (trimmed(line.substr(0, equals)) == kKey) return trimmed(line.substr(equals + 1));
  }
  return {};
}

// What is known of modules by name.
std::vector<std::string> directories_of_tokens(const Start& start, const std::string& module) {
  if (module.find("softhsm") == std::string::npos) return {};
  std::string configuration = "/etc/softhsm/softhsm2.conf";
  for (const auto& [name, value] : start.environment)
    if (name == "SOFTHSM2_CONF") configuration = value;
  return {softhsm_tokens(configuration)};
}

void read(std::vector<Rule>& rules, const Start& start, const std::string& path) {
  for (std::string& each : landlock::without(path, start.hidden))
    rules.push_back({std::move(each), Use::Read});
}

Result<> write(std::vector<Rule>& rules, const Start& start, const std::string& path) {
  if (path.empty()) return {};
  if (landlock::touches(path, start.hidden) || !path.starts_with('/'))
    return fail(Status::PsaErrorInvalidArgument,
                fmt::format("'{}' cannot be opened to token workers: it holds what is the "
                            "service's, or is no absolute path",
                            escaped(path)));
  rules.push_back({path, Use::Write});
  return {};
}

}  // namespace

Result<std::vector<Rule>> file_rules(const Start& start) {
  auto address = TRY(pkcs11::TokenAddress::parse(start.uri));
  const std::string& module = address.module().path;
  std::vector<Rule> rules = rules_of(start.sandbox);
  for (const char* path : kRead)
    read(rules, start, path);
  if (!module.empty()) read(rules, start, std::filesystem::path(module).parent_path());
  for (const auto& [name, value] : start.environment)
    if (value.starts_with('/')) read(rules, start, value);
  for (const char* path : kWritten)
    rules.push_back({path, Use::Write});
  for (const std::string& path : start.paths)
    TRY(write(rules, start, path));
  for (const std::string& path : directories_of_tokens(start, module))
    TRY(write(rules, start, path));
  return rules;
}

token_worker::Confinement confinement() {
  auto missing = std::make_shared<std::string>();
  return {.before_module = [missing](const Start& start) -> Result<> {
            const int abi = landlock::abi();
            *missing = landlock::lacking(abi);
            if (start.needs_landlock) TRY(landlock::require(abi));
            auto rules = TRY(file_rules(start));
            TRY(landlock::restrict_to(rules, start.sandbox == Sandbox::Network, abi));
            return kIsInstrumented ? Result<>() : forbid_what_no_module_needs(start.sandbox);
          },
          .after_login = [missing](const Start& start) -> Result<std::string> {
            if (!kIsInstrumented) TRY(restrict_system_calls(start.sandbox));
            return *missing;
          }};
}

}  // namespace strongroom
