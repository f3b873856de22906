#include "providers/pkcs11/installation_label.h"

#include <utility>

#include "base/bytes.h"
#include "base/log.h"

namespace strongroom::pkcs11 {
namespace {

constexpr std::string_view kNote = "label";
constexpr std::string_view kBeginning = "strongroom ";
constexpr std::size_t kRandomBytes = 16;

Result<std::string> new_label() {
  const SecretBuffer random = TRY(SecretBuffer::random(kRandomBytes));
  return std::string(kBeginning) + to_hex(random.reveal());
}

Result<std::string> read(const SecretBuffer& note) {
  std::string label(text_of(note.reveal()));
  if (label.starts_with(kBeginning) && label.size() == kBeginning.size() + 2 * kRandomBytes)
    return label;
  return fail(Status::PsaErrorDataCorrupt, "the noted label of the provider's objects is none");
}

void tell_of_loss(ProviderNotes& notes) {
  const auto absence = notes.absence();
  if (absence && *absence == ProviderNotes::Absence::Lost)
    log::warning("pkcs11",
                 "the label of the provider's objects is lost from the store: those from before "
                 "are not found when leftovers are looked for");
}

}  // namespace

void recall_installation_label(ProviderNotes& notes,
                               std::move_only_function<void(Result<std::string>)> done) {
  auto noted = notes.recall(kNote);
  if (!noted) return done(std::unexpected(std::move(noted).error()));
  if (*noted) return done(read(**noted));
  tell_of_loss(notes);
  auto label = new_label();
  if (!label) return done(std::move(label));
  auto content = SecretBuffer::copy_of(view_of(*label));
  if (!content) return done(std::unexpected(std::move(content).error()));
  notes.keep(kNote, *std::move(content),
             [label = *std::move(label), done = std::move(done)](Result<> kept) mutable {
               if (!kept) return done(std::unexpected(std::move(kept).error()));
               done(std::move(label));
             });
}

}  // namespace strongroom::pkcs11
