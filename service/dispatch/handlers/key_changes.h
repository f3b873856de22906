// How a key comes into being and ends: the provider's part and the store's, in an order that a
// crash between the two leaves no name whose key is gone.
#pragma once

#include <vector>

#include "providers/provider.h"
#include "service/dispatch/call.h"
#include "service/dispatch/device_keys/creation.h"
#include "service/dispatch/handlers/message.h"
#include "service/dispatch/planning.h"
#include "service/policy/policy.h"

namespace strongroom {

// The attributes of a request, widened as they will be stored and listed.
template <typename Message>
Result<psa::KeyAttributes> attributes_in(const Message& request) {
  TRY(require(request.has_attributes(), "attributes"));
  psa::KeyAttributes attributes = TRY(decode(request.attributes()));
  attributes.usage = policy::widened(attributes.usage);
  return attributes;
}

// DeprecatedPrimitive. They are refused when a key is made, and only warned of when one is
// imported: old data must stay readable.
Result<> check_deprecation(const psa::KeyAttributes& attributes, const Services& services);

// Stores what a provider has made under `id` and answers once it is durable. Of two keys made under
// one name at the same time the store takes one and refuses the other.
void store_new_key(Store& store, const KeyId& id, NewKey made, Reply reply);

// For the provider addressed, in one phase or two, as it has it.
Result<Work> work_that_makes(const Planning& planning, Making making);

// The store forgets the key first, durably; then the provider ends what it holds. `done` is called
// once, when both are over, or as destroy_in_device() says. `account` is charged for what the
// provider does.
void destroy(std::shared_ptr<const Services> services, const std::shared_ptr<Account>& account,
             const KeyRecordPtr& key, Committed done);

// Destroys all, a few at a time: changes of others find their place in the store's queue between.
// A key that cannot be destroyed stays, is logged, and leaves the others. When the store does not
// answer in time the rest is left as well, and `done` gets KeyInfoManagerError.
void destroy_all(std::shared_ptr<const Services> services, std::shared_ptr<Account> account,
                 std::vector<KeyRecordPtr> keys, Committed done);

}  // namespace strongroom
