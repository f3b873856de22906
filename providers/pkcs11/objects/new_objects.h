// Makes the objects of keys: by the token, or of data.
#pragma once

#include "providers/key_facets.h"
#include "providers/pkcs11/objects/calls.h"
#include "providers/pkcs11/objects/key_templates.h"

namespace strongroom::pkcs11 {

// Each leaves nothing behind when it fails, as far as the token answers. PsaErrorNotSupported for a
// key that the token shows it would give out although it was told to keep it.

// A pair; its public key, in the export format, of the size that was asked for and valid on its
// curve as far as a point of that form can be told.
Outcome<Bytes> generate_pair(Session& session, const KeyTemplates& templates,
                             const psa::KeyAttributes& attributes, const ObjectId& id);
Outcome<> generate_secret(Session& session, const KeyTemplates& templates,
                          const psa::KeyAttributes& attributes, const ObjectId& id);

// Of a key that software has found good. PsaErrorNotSupported where the token takes none.
Outcome<> create_objects(Session& session, const KeyTemplates& templates, const NewKey& key,
                         const ObjectId& id, bool has_public_half);

// The key in the export format, out of an object that shows it. PsaErrorNotPermitted for others.
Outcome<SecretBuffer> exported(Session& session, CK_OBJECT_HANDLE object,
                               const psa::KeyAttributes& attributes);

}  // namespace strongroom::pkcs11
