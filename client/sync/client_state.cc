#include "client/sync/client_state.h"

#include <memory>

#include "base/error.h"
#include "client/preferred_provider.h"

namespace strongroom {

using client::Generation;
using client::Process;
using client::ProcessIdentity;

namespace {

// A program that goes to and fro between a few users keeps their connections.
constexpr std::uint64_t kTurnsOpen = 4;

// Of parents, in children that destroyed their Client: they can be neither used nor destroyed.
std::atomic<Generation*> left_to_parents = nullptr;

Generation* find(Generation* first, const ProcessIdentity& identity) noexcept {
  while (first != nullptr && first->identity() != identity)
    first = first->next;
  return first;
}

bool push(std::atomic<Generation*>& list, Generation* expected, Generation* generation) noexcept {
  generation->next = expected;
  return list.compare_exchange_strong(expected, generation, std::memory_order_acq_rel);
}

}  // namespace

Generation& Client::State::generation() {
  Generation& mine = find_generation();
  take_turn(mine);
  return mine;
}

Generation& Client::State::find_generation() {
  const ProcessIdentity identity = ProcessIdentity::current();
  Generation* first = generations.load(std::memory_order_acquire);
  if (Generation* mine = find(first, identity)) return *mine;
  for (Generation* one = first; one != nullptr; one = one->next)
    if (one->identity().process != identity.process) one->leave_to_parent();
  auto mine = std::make_unique<Generation>(settings, identity);
  while (!push(generations, first, mine.get())) {
    first = generations.load(std::memory_order_acquire);
    if (Generation* anothers = find(first, identity)) return *anothers;
  }
  return *mine.release();
}

void Client::State::take_turn(Generation& mine) noexcept {
  if (in_use.load(std::memory_order_relaxed) == &mine) return;
  in_use.store(&mine, std::memory_order_relaxed);
  const std::uint64_t turn = ++turns;
  mine.last_turn = turn;
  for (Generation* one = generations.load(std::memory_order_acquire); one != nullptr;
       one = one->next)
    if (one->identity().process == mine.identity().process && one->last_turn + kTurnsOpen < turn)
      one->rest();
}

ClientResult<ProviderId> Client::State::find_provider(client::Deadline deadline,
                                                      const std::stop_token& cancellation) {
  if (int known = default_provider; known != kUnknown) return static_cast<ProviderId>(known);
  auto request = TRY(requests::list_providers());
  ClientResult<SecretBytes> body = generation().call({.request = std::move(request.encoded_),
                                                      .provider = ProviderId::Core,
                                                      .deadline = deadline,
                                                      .cancellation = cancellation});
  if (!body) return std::unexpected(std::move(body).error());
  ProviderId found = TRY(client::preferred_of(request.decode_(request.encoded_, *body)));
  default_provider = static_cast<int>(found);
  return found;
}

Client::State::~State() {
  const Process process = Process::current();
  for (Generation* one = generations.load(); one != nullptr;) {
    Generation* next = one->next;
    if (one->identity().process == process) {
      delete one;
    } else {
      one->leave_to_parent();
      while (!push(left_to_parents, left_to_parents.load(), one)) {
      }
    }
    one = next;
  }
}

}  // namespace strongroom
