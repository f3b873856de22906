// The statuses a response can carry, letter for letter and number for number those of the Parsec
// wire protocol 1.0. No other number may cross the socket: clients refuse what they do not know.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace strongroom {

// 0 is success, 1–999 come from the service, 1000–1999 are PSA errors (1000 minus the PSA code).
enum class Status : std::uint16_t {
  Success = 0,
  WrongProviderId = 1,
  ContentTypeNotSupported = 2,
  AcceptTypeNotSupported = 3,
  WireProtocolVersionNotSupported = 4,
  ProviderNotRegistered = 5,
  ProviderDoesNotExist = 6,
  DeserializingBodyFailed = 7,
  SerializingBodyFailed = 8,
  OpcodeDoesNotExist = 9,
  ResponseTooLarge = 10,
  AuthenticationError = 11,
  AuthenticatorDoesNotExist = 12,
  AuthenticatorNotRegistered = 13,
  KeyInfoManagerError = 14,
  ConnectionError = 15,
  InvalidEncoding = 16,
  InvalidHeader = 17,
  WrongProviderUuid = 18,
  NotAuthenticated = 19,
  BodySizeExceedsLimit = 20,
  AdminOperation = 21,
  DeprecatedPrimitive = 22,
  PsaErrorGenericError = 1132,
  PsaErrorNotPermitted = 1133,
  PsaErrorNotSupported = 1134,
  PsaErrorInvalidArgument = 1135,
  PsaErrorInvalidHandle = 1136,
  PsaErrorBadState = 1137,
  PsaErrorBufferTooSmall = 1138,
  PsaErrorAlreadyExists = 1139,
  PsaErrorDoesNotExist = 1140,
  PsaErrorInsufficientMemory = 1141,
  PsaErrorInsufficientStorage = 1142,
  PsaErrorInsufficientData = 1143,
  PsaErrorCommunicationFailure = 1145,
  PsaErrorStorageFailure = 1146,
  PsaErrorHardwareFailure = 1147,
  PsaErrorInsufficientEntropy = 1148,
  PsaErrorInvalidSignature = 1149,
  PsaErrorInvalidPadding = 1150,
  PsaErrorCorruptionDetected = 1151,
  PsaErrorDataCorrupt = 1152,
  PsaErrorDataInvalid = 1153,
};

// The enumerator's name, or "Unknown".
std::string_view to_string(Status status) noexcept;

// nullopt for a number that no status has: what a client does with a foreign answer.
std::optional<Status> status_from(std::uint16_t number) noexcept;

}  // namespace strongroom
