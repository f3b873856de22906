// A command of `strongroom`, and what it is run with.
#pragma once

#include <chrono>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/cli/arguments.h"
#include "client/cli/diagnosis.h"
#include "client/cli/failure.h"
#include "client/cli/option.h"
#include "client/cli/record/table.h"
#include "client/cli/terminal/look.h"
#include "strongroom/client.h"

namespace strongroom::cli {

struct Streams {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal;
  bool in_is_terminal = false;
  bool err_is_terminal = false;
  std::size_t columns = 0;  // of the terminal; 0: not known
  // From the options.
  Look look = {};  // of `out`
  bool shows_progress = false;
};

struct Command;

// One run of a command.
struct Invocation {
  const Command& command;
  const Arguments& arguments;
  Streams& streams;

  // With the global options applied, on the socket of the command's audience unless --socket names
  // another; `timeout` is what --timeout replaces.
  static constexpr std::chrono::milliseconds kTimeout = std::chrono::seconds(60);
  Outcome<Client> open_client(std::chrono::milliseconds timeout = kTimeout) const;
  // What --provider says; nullopt when it is not given.
  Outcome<std::optional<ProviderId>> chosen_provider() const;

  // For people, or with --json for programs.
  void print_list(const Table& table) const;
  // Of a table of one row.
  void print_record(const Table& table) const;
  bool wants_json() const { return arguments.has("json"); }

  // Whether to go on with what cannot be undone: --yes, or what is answered on the terminal. Usage
  // where nobody can be asked, Other when the answer is no.
  Outcome<> confirm(const std::string& question) const;
};

// Administrators have a socket of their own.
enum class Audience : std::uint8_t { Everybody, Administrators };

struct Command {
  std::string_view words;  // "key generate"
  std::string_view summary;
  std::span<const Option> options;
  std::span<const Positional> positionals;
  Outcome<> (*run)(const Invocation& invocation);
  Audience audience = Audience::Everybody;
};

// kGlobalOptions as they are for one command, which differ in what --socket replaces.
std::vector<Option> global_options_of(const Command& command);

extern const Command kPing;
extern const Command kStatus;
extern const Command kProviders;
extern const Command kKeyGenerate;
extern const Command kKeyImport;
extern const Command kKeyDerive;
extern const Command kKeyWrap;
extern const Command kKeyUnwrap;
extern const Command kKeyList;
extern const Command kKeyShow;
extern const Command kKeyExportPublic;
extern const Command kKeyExport;
extern const Command kKeyDelete;
extern const Command kSign;
extern const Command kVerify;
extern const Command kCsr;
extern const Command kSelfSign;
extern const Command kEncrypt;
extern const Command kDecrypt;
extern const Command kAeadSeal;
extern const Command kAeadOpen;
extern const Command kMac;
extern const Command kHash;
extern const Command kDerive;
extern const Command kRandom;
extern const Command kAdminClients;
extern const Command kAdminDeleteClient;
extern const Command kAdminReload;
extern const Command kProviderUnlock;
extern const Command kProviderAcceptRoot;
extern const Command kAttestIdentify;
extern const Command kAttestChallenge;
extern const Command kAttestAnswer;
extern const Command kAttestCertify;
extern const Command kAttestQuote;
extern const Command kAttestVerify;
extern const Command kConfigCheck;
extern const Command kFsck;
extern const Command kStoreRekey;
extern const Command kStoreRecover;
extern const Command kStoreRecoverySecret;
extern const Command kStoreAcceptRollback;
extern const Command kStoreForgetKey;
extern const Command kMigrateParsec;
extern const Command kCompletion;

std::span<const Command* const> commands();

}  // namespace strongroom::cli
