#include "client/cli/exit_code.h"

namespace strongroom::cli {

ExitCode exit_code_of(Status status) noexcept {
  switch (status) {
    case Status::Success: return ExitCode::Ok;

    case Status::AuthenticationError:
    case Status::AuthenticatorDoesNotExist:
    case Status::AuthenticatorNotRegistered:
    case Status::NotAuthenticated:
    case Status::AdminOperation:
    case Status::DeprecatedPrimitive:
    case Status::PsaErrorNotPermitted: return ExitCode::NotPermitted;

    case Status::PsaErrorDoesNotExist: return ExitCode::DoesNotExist;
    case Status::PsaErrorAlreadyExists: return ExitCode::Exists;
    case Status::PsaErrorInvalidSignature: return ExitCode::BadSignature;

    case Status::ContentTypeNotSupported:
    case Status::AcceptTypeNotSupported:
    case Status::WireProtocolVersionNotSupported:
    case Status::ProviderNotRegistered:
    case Status::ProviderDoesNotExist:
    case Status::OpcodeDoesNotExist:
    case Status::PsaErrorNotSupported: return ExitCode::NotSupported;

    case Status::DeserializingBodyFailed:
    case Status::ResponseTooLarge:
    case Status::InvalidEncoding:
    case Status::InvalidHeader:
    case Status::BodySizeExceedsLimit:
    case Status::PsaErrorInvalidArgument:
    case Status::PsaErrorInsufficientData:
    case Status::PsaErrorInvalidPadding: return ExitCode::InvalidData;

    default: return ExitCode::ServiceFailure;
  }
}

ExitCode exit_code_of(const ClientError& error) noexcept {
  switch (error.source()) {
    case ErrorSource::Caller: return ExitCode::InvalidData;
    case ErrorSource::Endpoint: return ExitCode::CannotConnect;
    case ErrorSource::Connection:
    case ErrorSource::Answer:
    case ErrorSource::Timeout: return ExitCode::ServiceFailure;
    case ErrorSource::Cancelled: return ExitCode::Other;
    case ErrorSource::Service: return exit_code_of(error.status());
  }
  return ExitCode::Other;
}

}  // namespace strongroom::cli
