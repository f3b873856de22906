#include "base/status.h"

#include <algorithm>
#include <array>
#include <utility>

namespace strongroom {
namespace {

#define STRONGROOM_STATUS(name)           \
  std::pair {                             \
    Status::name, std::string_view(#name) \
  }
constexpr std::array kNames = {
    STRONGROOM_STATUS(Success),
    STRONGROOM_STATUS(WrongProviderId),
    STRONGROOM_STATUS(ContentTypeNotSupported),
    STRONGROOM_STATUS(AcceptTypeNotSupported),
    STRONGROOM_STATUS(WireProtocolVersionNotSupported),
    STRONGROOM_STATUS(ProviderNotRegistered),
    STRONGROOM_STATUS(ProviderDoesNotExist),
    STRONGROOM_STATUS(DeserializingBodyFailed),
    STRONGROOM_STATUS(SerializingBodyFailed),
    STRONGROOM_STATUS(OpcodeDoesNotExist),
    STRONGROOM_STATUS(ResponseTooLarge),
    STRONGROOM_STATUS(AuthenticationError),
    STRONGROOM_STATUS(AuthenticatorDoesNotExist),
    STRONGROOM_STATUS(AuthenticatorNotRegistered),
    STRONGROOM_STATUS(KeyInfoManagerError),
    STRONGROOM_STATUS(ConnectionError),
    STRONGROOM_STATUS(InvalidEncoding),
    STRONGROOM_STATUS(InvalidHeader),
    STRONGROOM_STATUS(WrongProviderUuid),
    STRONGROOM_STATUS(NotAuthenticated),
    STRONGROOM_STATUS(BodySizeExceedsLimit),
    STRONGROOM_STATUS(AdminOperation),
    STRONGROOM_STATUS(DeprecatedPrimitive),
    STRONGROOM_STATUS(PsaErrorGenericError),
    STRONGROOM_STATUS(PsaErrorNotPermitted),
    STRONGROOM_STATUS(PsaErrorNotSupported),
    STRONGROOM_STATUS(PsaErrorInvalidArgument),
    STRONGROOM_STATUS(PsaErrorInvalidHandle),
    STRONGROOM_STATUS(PsaErrorBadState),
    STRONGROOM_STATUS(PsaErrorBufferTooSmall),
    STRONGROOM_STATUS(PsaErrorAlreadyExists),
    STRONGROOM_STATUS(PsaErrorDoesNotExist),
    STRONGROOM_STATUS(PsaErrorInsufficientMemory),
    STRONGROOM_STATUS(PsaErrorInsufficientStorage),
    STRONGROOM_STATUS(PsaErrorInsufficientData),
    STRONGROOM_STATUS(PsaErrorCommunicationFailure),
    STRONGROOM_STATUS(PsaErrorStorageFailure),
    STRONGROOM_STATUS(PsaErrorHardwareFailure),
    STRONGROOM_STATUS(PsaErrorInsufficientEntropy),
    STRONGROOM_STATUS(PsaErrorInvalidSignature),
    STRONGROOM_STATUS(PsaErrorInvalidPadding),
    STRONGROOM_STATUS(PsaErrorCorruptionDetected),
    STRONGROOM_STATUS(PsaErrorDataCorrupt),
    STRONGROOM_STATUS(PsaErrorDataInvalid),
};
#undef STRONGROOM_STATUS

}  // namespace

std::string_view to_string(Status status) noexcept {
  const auto* row = std::ranges::find(kNames, status, [](const auto& pair) { return pair.first; });
  return row == kNames.end() ? "Unknown" : row->second;
}

std::optional<Status> status_from(std::uint16_t number) noexcept {
  const auto* row = std::ranges::find(
      kNames, number, [](const auto& pair) { return std::to_underlying(pair.first); });
  if (row == kNames.end()) return std::nullopt;
  return row->first;
}

}  // namespace strongroom
