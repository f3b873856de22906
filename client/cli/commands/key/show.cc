// strongroom key show
#include <algorithm>
#include <array>
#include <iterator>

#include "client/cli/command.h"
#include "client/cli/commands/key/key_table.h"
#include "client/cli/commands/key_lookup.h"
#include "client/cli/format/fingerprint.h"
#include "client/cli/record/time.h"

namespace strongroom::cli {
namespace {

constexpr std::array kPositionals = {
    kKeyPositional,
};

struct ProtectionNames {
  Protection protection;
  const char* word;  // for programs
  const char* text;
};
constexpr std::array kProtections = {
    ProtectionNames{Protection::Software, "software", "encrypted on the disk"},
    ProtectionNames{Protection::Token, "token", "in a PKCS#11 token"},
    ProtectionNames{Protection::Tpm, "tpm", "in the TPM"},
};

// Services other than Strongroom do not tell; then these are not known.
Outcome<std::optional<KeyDetails>> details_of(Client& client, const std::string& name,
                                              const Task& task) {
  ClientResult<KeyDetails> details = client.key_info(name);
  if (!details && details.error().source() == ErrorSource::Service &&
      details.error().status() == Status::OpcodeDoesNotExist)
    return std::optional<KeyDetails>();
  KeyDetails known = TRY(during(task, std::move(details)));
  return std::optional(std::move(known));
}

// For people; nothing is encrypted with a nonce unless the policy is one of AEAD.
Cell nonces_of(const psa::KeyAttributes& attributes) {
  if (!std::holds_alternative<psa::Aead>(attributes.algorithm)) return std::monostate();
  return attributes.drawn_nonce_only ? "the service draws them"
                                     : "the caller gives them, or the service";
}

std::vector<Cell> detail_cells(const KeyInfo& key, const std::optional<KeyDetails>& details) {
  std::vector<Cell> cells(4, std::monostate());
  if (!details) return cells;
  cells[0] = timestamp(details->created);
  for (const ProtectionNames& names : kProtections)
    if (names.protection == details->protection) {
      cells[1] = names.word;
      cells[2] = names.text;
    }
  if (std::optional<std::string> fingerprint =
          public_key_fingerprint(key.attributes, details->public_key))
    cells[3] = *std::move(fingerprint);
  return cells;
}

Outcome<> run(const Invocation& invocation) {
  KeyInUse key = TRY(key_in_use(invocation, Task::Kind::Discover, "showing key"));
  std::optional<KeyDetails> details = TRY(details_of(key.holder, key.name, key.task));
  std::vector<Column> columns = key_columns();
  columns.insert(columns.end(), {{"", "NONCES"},
                                 {"created", "CREATED"},
                                 {"protection", ""},
                                 {"", "PROTECTION"},
                                 {"public_key_sha256", "PUBLIC KEY SHA-256"}});
  std::vector<Cell> cells = key_cells(key.info);
  cells.emplace_back(nonces_of(key.info.attributes));
  std::ranges::move(detail_cells(key.info, details), std::back_inserter(cells));
  Table table(std::move(columns));
  table.add(std::move(cells));
  invocation.print_record(table);
  return {};
}

}  // namespace

const Command kKeyShow = {
    .words = "key show",
    .summary = "show what a key is and what it may be used for",
    .options = {},
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
