#include "service/dispatch/device_keys/creation.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/wall_clock.h"
#include "service/dispatch/cost.h"
#include "service/dispatch/device_keys/device_keys.h"
#include "service/dispatch/device_keys/device_objects.h"

namespace strongroom {
namespace {

// Held by whatever happens next: a completion of the store, or a job in the lane. When that is
// dropped, it ends, and with it the reservation.
class Creation : public std::enable_shared_from_this<Creation> {
 public:
  Creation(std::shared_ptr<const Services> services, DeviceKeyMaking making, Reply reply)
      : services_(std::move(services)),
        making_(std::move(making)),
        reply_(std::move(reply)),
        claim_(services_->device_keys, making_.key.id, 0) {}
  ~Creation() {
    if (is_reserved_) keys().doubt(making_.key.id, making_.material);
  }
  Creation(const Creation&) = delete;
  Creation& operator=(const Creation&) = delete;

  // While the device is away, reservations would only pile up.
  void begin() {
    if (!is_serving(*making_.provider))
      return answer(
          Error(Status::PsaErrorHardwareFailure,
                fmt::format("the device does not serve: {}", health_of(*making_.provider).reason)));
    Result<KeyRecord> record = reservation();
    if (!record) return answer(std::move(record).error());
    store().reserve(*std::move(record), [self = shared_from_this()](Result<> reserved) {
      self->go_on(std::move(reserved));
    });
  }

 private:
  Store& store() const noexcept { return services_->store; }
  DeviceKeys& keys() const noexcept { return *services_->device_keys; }

  Result<KeyRecord> reservation() const {
    SecretBuffer material = TRY(SecretBuffer::copy_of(making_.material.reveal()));
    KeyRecord record{.id = making_.key.id,
                     .attributes = making_.key.attributes,
                     .material = std::move(material),
                     .public_key = {}};
    // An import may leave the size to its data, and a record has one. Nobody uses this one's.
    record.attributes.bits = std::max(record.attributes.bits, 1U);
    record.created = now_in_seconds();
    return record;
  }

  // On a thread of the store.
  void go_on(Result<> reserved) {
    // It may have been written all the same.
    is_reserved_ = reserved || reserved.error().status() == Status::KeyInfoManagerError;
    if (!reserved) return answer(std::move(reserved).error());
    auto self = shared_from_this();
    keys().run_in_lane(
        {.provider = making_.provider->description(),
         .account = making_.account,
         .generation = services_,
         .cost = making_.key.cost,
         .gone = making_.gone},
        [self](std::stop_token stop) { self->make(std::move(stop)); },
        [self](Error refused) { self->release(std::move(refused)); });
  }

  // In the lane, as what follows.
  void make(std::stop_token stop) {
    Result<SecretBuffer> material = SecretBuffer::copy_of(making_.material.reveal());
    if (!material) return release(std::move(material).error());
    Result<NewKey> made = making_.key.make(*std::move(material), std::move(stop));
    if (!made) return undo(std::move(made).error());
    KeyRecord record{.id = making_.key.id,
                     .attributes = std::move(made->attributes),
                     .material = std::move(made->material),
                     .public_key = std::move(made->public_key)};
    store().fulfil(std::move(record), [self = shared_from_this()](Result<> fulfilled) {
      self->is_reserved_ = !fulfilled;
      if (fulfilled) return self->reply_(Bytes());
      // A store that does not answer is not waited for twice.
      if (fulfilled.error().status() == Status::KeyInfoManagerError)
        return self->answer(std::move(fulfilled).error());
      self->abandon(std::move(fulfilled).error());
    });
  }

  void undo(Error error) {
    if (is_of_the_device(error)) return abandon(std::move(error));
    Result<KeyRecord> record = reservation();
    if (!record) return abandon(std::move(error));
    record->created = {};  // most often there is nothing, and it is not worth a second look
    if (Result<> destroyed = making_.provider->keys()->destroy(*record); !destroyed)
      return abandon(std::move(error));
    release(std::move(error));
  }

  // Of a reservation without an object.
  void release(Error error) {
    store().release(making_.key.id, [self = shared_from_this(), error](const Result<>& released) {
      // Another outcome leaves it to the end of this.
      if (released || is_gone(released.error())) self->is_reserved_ = false;
      self->answer(error);
    });
  }

  // Of one that may have an object. Where the store has the key after all, it stays: the answer
  // says that the outcome is not known.
  void abandon(Error error) {
    Result<KeyRecord> record = reservation();
    if (!record) return answer(std::move(error));
    store().abandon(*std::move(record),
                    [self = shared_from_this(), error](Result<KeyRecordPtr> abandoned) {
                      if (abandoned) self->keys().destroy(*std::move(abandoned));
                      if (abandoned || is_gone(abandoned.error())) self->is_reserved_ = false;
                      self->answer(error);
                    });
  }

  void answer(Error error) {
    reply_(in_context(Result<Bytes>(std::unexpected(std::move(error))), "{} key '{}'",
                      making_.key.doing, escaped(making_.key.id.name)));
  }

  const std::shared_ptr<const Services> services_;
  DeviceKeyMaking making_;
  Reply reply_;
  bool is_reserved_ = false;  // as far as is known, the name is taken for this
  const DeviceKeys::Claim claim_;
};

}  // namespace

void make_in_device(std::shared_ptr<const Services> services, DeviceKeyMaking making, Reply reply) {
  std::make_shared<Creation>(std::move(services), std::move(making), std::move(reply))->begin();
}

}  // namespace strongroom
