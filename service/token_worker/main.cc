// strongroom-token-worker: a PKCS#11 module, its provider, and nothing else of the service. Started
// by the daemon's spawner with a socket in descriptor 3, and good for nothing without it.
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"
#include "providers/token_worker/worker/serve.h"
#include "service/process/hardening.h"
#include "service/process/wiping_allocator.h"
#include "service/token_worker/confinement.h"

namespace strongroom {
namespace {

UniqueFd passed_socket() {
  constexpr int kNumber = STDERR_FILENO + 1;
  return UniqueFd(::fcntl(kNumber, F_SETFD, FD_CLOEXEC) == 0 ? kNumber : -1);
}

// As the daemon does, before there is a secret. Memory is locked where secrets are, and no more of
// it: what a module takes can be swapped out before the machine has none left.
Result<> harden_worker() {
  TRY(forbid_core_dumps());
  TRY(forbid_inspection());
  keep_new_files_private();
  TRY(create_secure_heap());
  return forbid_new_privileges();
}

Result<> run() {
  UniqueFd socket = passed_socket();
  TRY(ignore_broken_pipes());
  TRY(wipe_what_libcrypto_frees());
  TRY(harden_worker());
  if (!socket)
    return fail(Status::PsaErrorGenericError, "this program is started by strongroomd alone");
  return token_worker::run_worker(std::move(socket), confinement());
}

}  // namespace
}  // namespace strongroom

int main() {
  const strongroom::Result<> ended = strongroom::run();
  if (ended) return EXIT_SUCCESS;
  strongroom::log::error("token-worker", "{}", ended.error().message());
  return EXIT_FAILURE;
}
