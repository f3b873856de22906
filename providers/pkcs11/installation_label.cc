#include "providers/pkcs11/installation_label.h"

#include <chrono>
#include <future>
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

// `done` is called once, on any thread, or dropped with the notes.
void recall_label(ProviderNotes& notes, std::move_only_function<void(Result<std::string>)> done) {
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
  std::string label = TRY(in_context(recall(notes), "the label of its objects"));
  const std::lock_guard lock(mutex_);
  label_ = label;
  return label;
}

// The promise is kept here, too: notes that end drop what they were told.
Result<std::string> InstallationLabel::recall(const std::shared_ptr<ProviderNotes>& notes) {
  const auto answer = std::make_shared<std::promise<Result<std::string>>>();
  std::future<Result<std::string>> label = answer->get_future();
  recall_label(*notes, [answer](Result<std::string> told) { answer->set_value(std::move(told)); });
  if (label.wait_for(kPatience) == std::future_status::ready) return label.get();
  return fail(Status::KeyInfoManagerError, "the store does not answer");
}

}  // namespace strongroom::pkcs11
