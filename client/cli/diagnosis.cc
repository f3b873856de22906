#include "client/cli/diagnosis.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/status.h"
#include "client/cli/socket_access.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

// Statuses that people meet, in their words.
constexpr std::array kCauses = {
    std::pair{Status::ProviderNotRegistered, "the service has no such provider"},
    std::pair{Status::ProviderDoesNotExist, "there is no such provider"},
    std::pair{Status::OpcodeDoesNotExist, "the service does not know this operation"},
    std::pair{Status::ResponseTooLarge, "the answer would be larger than the service allows"},
    std::pair{Status::AuthenticationError, "the service does not accept who you say you are"},
    std::pair{Status::AuthenticatorNotRegistered,
              "the service does not take this kind of identity"},
    std::pair{Status::KeyInfoManagerError, "the service's key store failed"},
    std::pair{Status::NotAuthenticated, "the service wants to know who is asking"},
    std::pair{Status::BodySizeExceedsLimit, "the request is larger than the service allows"},
    std::pair{Status::AdminOperation, "only administrators may do this"},
    std::pair{Status::DeprecatedPrimitive,
              "the service refuses new keys of deprecated types and algorithms"},
    std::pair{Status::PsaErrorGenericError, "the provider failed"},
    std::pair{Status::PsaErrorNotPermitted, "not permitted"},
    std::pair{Status::PsaErrorNotSupported, "the provider does not support this"},
    std::pair{Status::PsaErrorInvalidArgument, "an argument or the data is not valid"},
    std::pair{Status::PsaErrorAlreadyExists, "a key of that name exists"},
    std::pair{Status::PsaErrorDoesNotExist, "there is no such key"},
    std::pair{Status::PsaErrorInsufficientMemory, "the service is short of memory or overloaded"},
    std::pair{Status::PsaErrorInsufficientStorage, "there is no room for more keys"},
    std::pair{Status::PsaErrorCommunicationFailure, "the service cannot talk to the device"},
    std::pair{Status::PsaErrorHardwareFailure, "the device failed or is not available"},
    std::pair{Status::PsaErrorInvalidSignature, "the signature or tag does not match"},
    std::pair{Status::PsaErrorInvalidPadding, "it does not decrypt"},
    std::pair{Status::PsaErrorDataCorrupt, "the stored key cannot be read"},
};

struct Advice {
  Status status;
  Task::Kind kind;
  std::string_view text;
};
// Others have a digest signed, which is made here.
constexpr std::string_view kOnlyMessages =
    "the key is for messages alone, which are sent whole; one that may sign hashes takes files of "
    "any size";
constexpr std::string_view kOnlyStrongroom = "services other than Strongroom cannot be asked that";
constexpr std::string_view kNotMade =
    "a device may make no keys with the export usage: an administrator sets 'allow_export' for its "
    "provider; a rule may forbid it, too; the service's log says why";
constexpr std::array kAdviceForTasks = {
    Advice{Status::PsaErrorNotPermitted, Task::Kind::Export,
           "the key was created without the export usage, and that cannot be changed"},
    Advice{Status::PsaErrorInvalidArgument, Task::Kind::ExportPublic,
           "only key pairs and public keys have a public part"},
    Advice{Status::PsaErrorInvalidArgument, Task::Kind::Import,
           "give the data as the key's type demands, see --help"},
    Advice{Status::PsaErrorInvalidArgument, Task::Kind::Derive,
           "the peer's key has to be on the curve of yours"},
    Advice{Status::PsaErrorInvalidPadding, Task::Kind::Decrypt,
           "it was encrypted to another key, by another algorithm or with another label"},
    Advice{Status::PsaErrorInvalidSignature, Task::Kind::Decrypt,
           "the data was altered, or was sealed with another key, nonce or --aad"},
    Advice{Status::PsaErrorNotPermitted, Task::Kind::Generate, kNotMade},
    Advice{Status::PsaErrorNotPermitted, Task::Kind::Import, kNotMade},
    Advice{Status::PsaErrorNotPermitted, Task::Kind::Wrap,
           "the key that is wrapped needs the export usage, the other one wrap; 'strongroom key "
           "show' tells"},
    Advice{Status::PsaErrorInvalidSignature, Task::Kind::Unwrap,
           "the data was altered, or was wrapped with another key"},
    Advice{Status::PsaErrorInvalidArgument, Task::Kind::Unwrap,
           "what is in it has to be a key of --type, and nothing may be missing from the data"},
    Advice{
        Status::PsaErrorInvalidArgument, Task::Kind::DeriveKey,
        "a size that the type has, and no more than 255 digests by HKDF; the peer's key has to be "
        "on the curve of yours"},
    Advice{Status::OpcodeDoesNotExist, Task::Kind::Administrate, kOnlyStrongroom},
    Advice{Status::OpcodeDoesNotExist, Task::Kind::ControlProvider, kOnlyStrongroom},
    Advice{
        Status::PsaErrorNotSupported, Task::Kind::ControlProvider,
        "only a provider with a device has something to be told; 'strongroom status' shows them"},
    Advice{Status::OpcodeDoesNotExist, Task::Kind::DeriveKey, kOnlyStrongroom},
    Advice{Status::OpcodeDoesNotExist, Task::Kind::Wrap, kOnlyStrongroom},
    Advice{Status::OpcodeDoesNotExist, Task::Kind::Unwrap, kOnlyStrongroom},
    Advice{Status::OpcodeDoesNotExist, Task::Kind::Attest, kOnlyStrongroom},
    Advice{Status::PsaErrorInvalidArgument, Task::Kind::Attest,
           "a challenge is for one key of one TPM; a nonce may be too long for this TPM"},
    Advice{Status::PsaErrorNotSupported, Task::Kind::Attest,
           "only key pairs in a TPM are attested, and registers that it has quoted"},
    Advice{Status::PsaErrorGenericError, Task::Kind::Attest,
           "the TPM's endorsement hierarchy may have a password that the service does not know; "
           "its log says why"},
    Advice{Status::PsaErrorNotSupported, Task::Kind::Export,
           "a device does not give out its private keys"},
    Advice{Status::BodySizeExceedsLimit, Task::Kind::Sign, kOnlyMessages},
    Advice{Status::BodySizeExceedsLimit, Task::Kind::Verify, kOnlyMessages},
    Advice{Status::BodySizeExceedsLimit, Task::Kind::Mac,
           "MACs are computed by the service, over data of one request; that of a file's digest is "
           "as good"},
    Advice{Status::BodySizeExceedsLimit, Task::Kind::Hash,
           "without --service a file of any size is hashed here"},
};
// What uses a key that is there.
constexpr std::array kUses = {Task::Kind::Sign,      Task::Kind::Verify, Task::Kind::Encrypt,
                              Task::Kind::Decrypt,   Task::Kind::Mac,    Task::Kind::Derive,
                              Task::Kind::DeriveKey, Task::Kind::Unwrap};
constexpr std::array kAdvice = {
    std::pair{Status::PsaErrorAlreadyExists,
              "choose another name, or delete the key with 'strongroom key delete'"},
    std::pair{Status::PsaErrorNotSupported,
              "it may be the type, its size or the algorithm; another provider, if 'strongroom "
              "providers' shows one, is chosen with --provider"},
    std::pair{Status::DeprecatedPrimitive,
              "choose a larger or newer one; an administrator can allow those with "
              "'allow_deprecated' in [service]"},
    std::pair{Status::ProviderNotRegistered, "'strongroom providers' shows those it has"},
    std::pair{Status::ProviderDoesNotExist, "'strongroom providers' shows those it has"},
    std::pair{Status::AuthenticatorNotRegistered, "try without --app-name"},
    std::pair{Status::AuthenticationError, "try without --app-name, and not from a setuid program"},
    std::pair{Status::PsaErrorHardwareFailure,
              "the provider is down or too busy; the service's log says why"},
    std::pair{Status::PsaErrorCommunicationFailure, "the service's log says why"},
    std::pair{Status::KeyInfoManagerError, "the service's log says why"},
    std::pair{Status::PsaErrorDataCorrupt,
              "an administrator can look with 'strongroom fsck'; a key in a TPM is of no use to "
              "another one, which the service's log tells"},
    std::pair{Status::PsaErrorInsufficientMemory,
              "try again in a moment; 'strongroom status' tells an administrator what it is busy "
              "with"},
    std::pair{Status::NotAuthenticated, "try without --app-name"},
    std::pair{Status::BodySizeExceedsLimit,
              "a large file gets a key of its own, which the service then encrypts"},
};

template <typename Table>
std::string find(const Table& table, Status status) {
  const auto* row = std::ranges::find(table, status, [](const auto& pair) { return pair.first; });
  return row == table.end() ? std::string() : std::string(row->second);
}

std::string endpoint_advice(const ClientError& error, const std::string& socket_path) {
  switch (error.system_error()) {
    case ENOENT:
      return "is the daemon running? 'systemctl status strongroom' tells; another socket is "
             "chosen with --socket";
    case ECONNREFUSED:
      return "the service has ended and left its socket: is the daemon running? 'systemctl status "
             "strongroom' tells";
    case EACCES:
    case EPERM: return access_advice(socket_path);
    case EAGAIN: return "the service is busy or stopped; --timeout SECONDS waits longer";
    case 0:
      return error.status() == Status::ConnectionError
                 ? "if you know who owns it, --insecure-socket uses it all the same"
                 : "";
    default: return "";
  }
}

// Of calls that ended without an answer.
std::string unanswered_advice(const ClientError& error) {
  std::string advice;
  if (error.source() == ErrorSource::Timeout) advice = "--timeout SECONDS waits longer";
  if (error.outcome_is_unknown())
    advice += fmt::format("{}whether it was done is not known; the service's log may say",
                          advice.empty() ? "" : "; ");
  if (advice.empty() && error.source() == ErrorSource::Connection)
    advice = "try again; 'systemctl status strongroom' tells whether the service runs";
  return advice;
}

std::string missing_key_advice(const std::string& nearest) {
  if (nearest.empty()) return "'strongroom key list' shows yours";
  return fmt::format("did you mean '{}'? 'strongroom key list' shows yours", visible(nearest));
}

std::string service_advice(Status status, Task::Kind kind) {
  for (const Advice& advice : kAdviceForTasks)
    if (advice.status == status && advice.kind == kind) return std::string(advice.text);
  if (status == Status::PsaErrorNotPermitted && std::ranges::find(kUses, kind) != kUses.end())
    return "'strongroom key show' tells what the key may be used for";
  return find(kAdvice, status);
}

// What was asked for is not there: a provider, or else a key.
bool is_about_a_provider(Status status, const Task& task) {
  return status == Status::PsaErrorDoesNotExist && task.kind == Task::Kind::ControlProvider;
}

// Its record is there, and what it is a record of is not.
bool is_about_a_lost_key(Status status, const Task& task) {
  return status == Status::PsaErrorDoesNotExist && task.is_listed;
}

std::string cause_of(Status status, const Task& task) {
  if (is_about_a_lost_key(status, task)) return "its device does not have the key any more";
  return find(kCauses, is_about_a_provider(status, task) ? Status::ProviderDoesNotExist : status);
}

std::string service_advice(Status status, const Task& task) {
  if (status == Status::AdminOperation) return admin_advice(task.socket_path);
  if (is_about_a_provider(status, task)) return "'strongroom status' shows those it has";
  if (is_about_a_lost_key(status, task))
    return "where the device was put back to an older state, or initialised anew, the newer one "
           "has "
           "the key; 'strongroom fsck' tells an administrator of all such keys, and 'strongroom "
           "key "
           "delete' ends this one";
  if (status == Status::PsaErrorDoesNotExist) return missing_key_advice(task.nearest_key);
  return service_advice(status, task.kind);
}

}  // namespace

Failure explain(const ClientError& error, const Task& task) {
  Failure failure{.code = exit_code_of(error),
                  .message = fmt::format("{}: {}", task.doing, error.message()),
                  .advice = ""};
  if (error.source() == ErrorSource::Endpoint)
    failure.advice = endpoint_advice(error, task.socket_path);
  if (error.source() != ErrorSource::Endpoint && error.source() != ErrorSource::Service)
    failure.advice = unanswered_advice(error);
  if (error.source() == ErrorSource::Service) {
    if (std::string cause = cause_of(error.status(), task); !cause.empty())
      failure.message = fmt::format("{}: {} ({}, {})", task.doing, cause, to_string(error.status()),
                                    std::to_underlying(error.status()));
    failure.advice = service_advice(error.status(), task);
  }
  return failure;
}

}  // namespace strongroom::cli
