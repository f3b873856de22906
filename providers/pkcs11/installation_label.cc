#include "providers/pkcs11/installation_label.h"

#include <chrono>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/log.h"

namespace strongroom::pkcs11 {
namespace {

constexpr std::string_view kNote = "label";
constexpr std::string_view kBeginning = "strongroom ";
constexpr std::size_t kRandomBytes = 16;
// A little more than a store takes to say that it does not know.
constexpr std::chrono::seconds kPatience{6};

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

Result<std::string> recall(ProviderNotes& notes) {
  const std::optional<SecretBuffer> noted = TRY(notes.recall(kNote));
  if (noted) return read(*noted);
  tell_of_loss(notes);
  std::string label = TRY(new_label());
  SecretBuffer content = TRY(SecretBuffer::copy_of(view_of(label)));
  TRY(keep_and_wait(notes, kNote, std::move(content), kPatience));
  return label;
}

}  // namespace

void InstallationLabel::begin(std::shared_ptr<ProviderNotes> notes) {
  const std::lock_guard lock(mutex_);
  notes_ = std::move(notes);
}

Result<std::string> InstallationLabel::get() {
  std::shared_ptr<ProviderNotes> notes;
  {
    const std::lock_guard lock(mutex_);
    if (label_) return *label_;
    notes = notes_;
  }
  if (!notes)
    return fail(Status::PsaErrorHardwareFailure, "the label of its objects is not known yet");
  std::string label = TRY(in_context(recall(*notes), "the label of its objects"));
  const std::lock_guard lock(mutex_);
  label_ = label;
  return label;
}

}  // namespace strongroom::pkcs11
