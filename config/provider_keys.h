// The grammar of [[provider]].
#pragma once

#include <array>

#include "config/grammar_key.h"

namespace strongroom::config {

inline constexpr std::array kProviderKeys = {
    Key<Provider>{"type",
                  &Provider::type,
                  "What keeps the keys: software, tpm, pkcs11.",
                  {},
                  Presence::Required},
    Key<Provider>{"name", &Provider::name,
                  "Name of this instance, part of its keys' identity; none means its type."},
    Key<Provider>{"required", &Provider::required,
                  "Refuse to start while this provider is out of reach."},
    Key<Provider>{.name = "tcti",
                  .field = &Provider::tcti,
                  .documentation = "Of a TPM: the interface to it and its options, as the TSS's "
                                   "loader takes them: device:/dev/tpmrm0, swtpm:path=/a/socket.",
                  .effect = Effect::Restart},
    Key<Provider>{.name = "root",
                  .field = &Provider::root,
                  .documentation = "Of a TPM: the type of the key above all others, which must not "
                                   "change once there are keys: ecc-p256, rsa-2048.",
                  .effect = Effect::Restart},
    Key<Provider>{"owner_auth", &Provider::owner_auth,
                  "Of a TPM: where the password of its owner hierarchy is, if it has one: "
                  "file:/absolute/path, credential:NAME."},
    Key<Provider>{"endorsement_auth", &Provider::endorsement_auth,
                  "The same of its endorsement hierarchy, by which it attests."},
    Key<Provider>{.name = "uri",
                  .field = &Provider::uri,
                  .documentation = "Of a token: which one it is and its module, as RFC 7512 writes "
                                   "it: pkcs11:token=keys?module-path=/usr/lib/module.so.",
                  .effect = Effect::Restart},
    Key<Provider>{.name = "module",
                  .field = &Provider::module,
                  .documentation = "Of a token: instead of the URI, the file of its module.",
                  .effect = Effect::Restart},
    Key<Provider>{.name = "token",
                  .field = &Provider::token,
                  .documentation = "Of a token: beside the module, its label.",
                  .bounds = {.least = 1, .most = 32},
                  .effect = Effect::Restart},
    Key<Provider>{.name = "serial",
                  .field = &Provider::serial,
                  .documentation = "Of a token: beside the module, its serial number.",
                  .bounds = {.least = 1, .most = 16},
                  .effect = Effect::Restart},
    Key<Provider>{.name = "slot",
                  .field = &Provider::slot,
                  .documentation = "Of a token: beside the module, the number of its slot, which "
                                   "may change where the label and the serial number do not.",
                  .effect = Effect::Restart},
    Key<Provider>{"pin", &Provider::pin,
                  "Of a token: where its user's PIN is, if the URI has no pin-source: "
                  "file:/absolute/path, credential:NAME."},
    Key<Provider>{.name = "sessions",
                  .field = &Provider::sessions,
                  .documentation = "Of a token: sessions with it that are open at a time.",
                  .bounds = {.least = 1, .most = 1024},
                  .effect = Effect::Restart},
    Key<Provider>{.name = "allow_export",
                  .field = &Provider::allow_export,
                  .documentation = "Of a token: make keys that can be exported where their policy "
                                   "lets them be.",
                  .effect = Effect::Restart},
    Key<Provider>{.name = "always_authenticate",
                  .field = &Provider::always_authenticate,
                  .documentation = "Of a token: have new private keys ask for the PIN at each use.",
                  .effect = Effect::Restart},
    Key<Provider>{.name = "quirks",
                  .field = &Provider::quirks,
                  .documentation = "Of a token: in what it differs from the standard, beside what "
                                   "is known of its make.",
                  .effect = Effect::Restart},
    Key<Provider>{.name = "isolation",
                  .field = &Provider::isolation,
                  .documentation = "Of a token: where its module runs: worker (in processes of its "
                                   "own), none (in the service's).",
                  .effect = Effect::Restart},
    Key<Provider>{.name = "workers",
                  .field = &Provider::workers,
                  .documentation = "Of a token: how many of those processes there may be.",
                  .bounds = {.least = 1, .most = 32},
                  .effect = Effect::Restart},
    Key<Provider>{.name = "sandbox",
                  .field = &Provider::sandbox,
                  .documentation = "Of a token: what they reach beside its files: files (nothing), "
                                   "pcsc, usb, network.",
                  .effect = Effect::Restart},
    Key<Provider>{.name = "paths",
                  .field = &Provider::paths,
                  .documentation = "Of a token: directories and files that its module writes, "
                                   "beside those that are known.",
                  .effect = Effect::Restart},
    Key<Provider>{.name = "environment",
                  .field = &Provider::environment,
                  .documentation = "Of a token: variables that its module finds: \"NAME=value\".",
                  .effect = Effect::Restart},
};

}  // namespace strongroom::config
