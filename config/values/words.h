// The words and units of the configuration, for reading values and for showing them.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "config/grammar.h"
#include "config/settings.h"

namespace strongroom::config {

struct Unit {
  std::string_view suffix;
  std::uint64_t factor;
};

inline constexpr std::array kSizeUnits = {
    Unit{"B", 1},
    Unit{"KiB", kKibibyte},
    Unit{"MiB", kMebibyte},
    Unit{"GiB", kGibibyte},
};

inline constexpr std::array kDurationUnits = {
    Unit{"ms", 1},
    Unit{"s", kSecondMs},
    Unit{"min", 60 * kSecondMs},
    Unit{"h", kHourMs},
};

inline constexpr std::array kAuthenticatorNames = {
    std::pair<std::string_view, Authenticator>{"unix-peer-credentials",
                                               Authenticator::UnixPeerCredentials},
    std::pair<std::string_view, Authenticator>{"direct", Authenticator::Direct},
};

inline constexpr std::array kProviderTypeNames = {
    std::pair<std::string_view, ProviderType>{"software", ProviderType::Software},
    std::pair<std::string_view, ProviderType>{"tpm", ProviderType::Tpm},
    std::pair<std::string_view, ProviderType>{"pkcs11", ProviderType::Pkcs11},
};

inline constexpr std::array kKeySourceNames = {
    std::pair<std::string_view, KeySource::Kind>{"file", KeySource::Kind::File},
    std::pair<std::string_view, KeySource::Kind>{"credential", KeySource::Kind::Credential},
    std::pair<std::string_view, KeySource::Kind>{"command", KeySource::Kind::Command},
    std::pair<std::string_view, KeySource::Kind>{"tpm", KeySource::Kind::Tpm},
};

inline constexpr std::array<std::string_view, 4> kPcrBanks = {"sha1", "sha256", "sha384", "sha512"};

// Those that the provider knows.
inline constexpr std::array<std::string_view, 9> kTokenQuirks = {
    "bare-points",        "curves-by-name",        "general-decryption-errors",
    "mac-sizes-in-bytes", "montgomery-as-edwards", "no-allowed-mechanisms",
    "no-public-objects",  "protection-not-shown",  "wrapped-peers"};

inline constexpr std::array kTpmRootNames = {
    std::pair<std::string_view, TpmRoot>{"ecc-p256", TpmRoot::EccP256},
    std::pair<std::string_view, TpmRoot>{"rsa-2048", TpmRoot::Rsa2048},
};

inline constexpr std::array kTokenIsolationNames = {
    std::pair<std::string_view, TokenIsolation>{"worker", TokenIsolation::Worker},
    std::pair<std::string_view, TokenIsolation>{"none", TokenIsolation::None},
};

inline constexpr std::array kTokenSandboxNames = {
    std::pair<std::string_view, TokenSandbox>{"files", TokenSandbox::Files},
    std::pair<std::string_view, TokenSandbox>{"pcsc", TokenSandbox::Pcsc},
    std::pair<std::string_view, TokenSandbox>{"usb", TokenSandbox::Usb},
    std::pair<std::string_view, TokenSandbox>{"network", TokenSandbox::Network},
};

inline constexpr std::array kLevelNames = {
    std::pair<std::string_view, log::Level>{"trace", log::Level::Trace},
    std::pair<std::string_view, log::Level>{"debug", log::Level::Debug},
    std::pair<std::string_view, log::Level>{"info", log::Level::Info},
    std::pair<std::string_view, log::Level>{"warning", log::Level::Warning},
    std::pair<std::string_view, log::Level>{"error", log::Level::Error},
    std::pair<std::string_view, log::Level>{"off", log::Level::Off},
};

template <typename Names>
auto value_named(const Names& names, std::string_view word)
    -> std::optional<typename Names::value_type::second_type> {
  const auto* found = std::ranges::find(names, word, &Names::value_type::first);
  if (found == names.end()) return std::nullopt;
  return found->second;
}

template <typename Names, typename Value>
std::string_view name_in(const Names& names, Value value) {
  return std::ranges::find(names, value, &Names::value_type::second)->first;
}

// "64KiB", "1h": in the largest unit that needs no fraction.
template <std::size_t N>
std::string with_unit(std::uint64_t number, const std::array<Unit, N>& units) {
  const Unit* best = &units.front();
  for (const Unit& unit : units)
    if (number != 0 && number % unit.factor == 0) best = &unit;
  return fmt::format("{}{}", number / best->factor, best->suffix);
}

// nullopt for anything but digits and a unit, and for what 64 bits cannot hold.
template <std::size_t N>
std::optional<std::uint64_t> parse_with_unit(std::string_view text,
                                             const std::array<Unit, N>& units) {
  std::uint64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  const std::string_view suffix(rest, text.data() + text.size());
  const auto* unit = std::ranges::find(units, suffix, &Unit::suffix);
  std::uint64_t product = 0;
  if (unit == units.end() || __builtin_mul_overflow(number, unit->factor, &product))
    return std::nullopt;
  return product;
}

}  // namespace strongroom::config
