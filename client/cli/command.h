// A command of `strongroom`, and what it is run with.
#pragma once

#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "client/cli/arguments.h"
#include "client/cli/diagnosis.h"
#include "client/cli/failure.h"
#include "client/cli/format/table.h"
#include "client/cli/option.h"
#include "strongroom/client.h"

namespace strongroom::cli {

struct Streams {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal;
};

// One run of a command.
struct Invocation {
  const Arguments& arguments;
  Streams& streams;

  // With the global options applied.
  Outcome<Client> open_client() const;
  // What --provider says; nullopt when it is not given.
  Outcome<std::optional<ProviderId>> chosen_provider() const;

  // For people, or with --json for programs.
  void print_list(const Table& table) const;
  // Of a table of one row.
  void print_record(const Table& table) const;
};

struct Command {
  std::string_view words;  // "key generate"
  std::string_view summary;
  std::span<const Option> options;
  std::span<const Positional> positionals;
  Outcome<> (*run)(const Invocation& invocation);
};

extern const Command kPing;
extern const Command kProviders;
extern const Command kKeyGenerate;
extern const Command kKeyImport;
extern const Command kKeyList;
extern const Command kKeyShow;
extern const Command kKeyExportPublic;
extern const Command kKeyExport;
extern const Command kKeyDelete;
extern const Command kSign;
extern const Command kVerify;
extern const Command kCsr;
extern const Command kSelfSign;
extern const Command kRandom;

std::span<const Command* const> commands();

}  // namespace strongroom::cli
