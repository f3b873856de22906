// Key types, algorithms and usage flags as the PSA Crypto API 1.1 encodes them (its appendix
// "Algorithm and key type encoding"), as far as Parsec's contracts can carry them. Other values of
// that specification give STRONGROOM_STATUS_PSA_ERROR_NOT_SUPPORTED where they are passed.
#ifndef STRONGROOM_C_PSA_VALUES_H
#define STRONGROOM_C_PSA_VALUES_H

#include <strongroom/c/language.h>

typedef uint16_t strongroom_key_type;   // psa_key_type_t
typedef uint32_t strongroom_algorithm;  // psa_algorithm_t
typedef uint32_t strongroom_key_usage;  // psa_key_usage_t

// Key types. ECC takes a family; the number of bits picks the curve.
#define STRONGROOM_KEY_TYPE_NONE ((strongroom_key_type)0x0000)
#define STRONGROOM_KEY_TYPE_RAW_DATA ((strongroom_key_type)0x1001)
#define STRONGROOM_KEY_TYPE_HMAC ((strongroom_key_type)0x1100)
#define STRONGROOM_KEY_TYPE_DERIVE ((strongroom_key_type)0x1200)
#define STRONGROOM_KEY_TYPE_AES ((strongroom_key_type)0x2400)
#define STRONGROOM_KEY_TYPE_DES ((strongroom_key_type)0x2301)
#define STRONGROOM_KEY_TYPE_CAMELLIA ((strongroom_key_type)0x2403)
#define STRONGROOM_KEY_TYPE_ARC4 ((strongroom_key_type)0x2002)
#define STRONGROOM_KEY_TYPE_CHACHA20 ((strongroom_key_type)0x2004)
#define STRONGROOM_KEY_TYPE_RSA_PUBLIC_KEY ((strongroom_key_type)0x4001)
#define STRONGROOM_KEY_TYPE_RSA_KEY_PAIR ((strongroom_key_type)0x7001)
#define STRONGROOM_KEY_TYPE_ECC_PUBLIC_KEY(family) ((strongroom_key_type)(0x4100 | (family)))
#define STRONGROOM_KEY_TYPE_ECC_KEY_PAIR(family) ((strongroom_key_type)(0x7100 | (family)))
#define STRONGROOM_KEY_TYPE_DH_PUBLIC_KEY(family) ((strongroom_key_type)(0x4200 | (family)))
#define STRONGROOM_KEY_TYPE_DH_KEY_PAIR(family) ((strongroom_key_type)(0x7200 | (family)))

#define STRONGROOM_ECC_FAMILY_SECP_K1 ((uint8_t)0x17)
#define STRONGROOM_ECC_FAMILY_SECP_R1 ((uint8_t)0x12)
#define STRONGROOM_ECC_FAMILY_SECP_R2 ((uint8_t)0x1b)
#define STRONGROOM_ECC_FAMILY_SECT_K1 ((uint8_t)0x27)
#define STRONGROOM_ECC_FAMILY_SECT_R1 ((uint8_t)0x22)
#define STRONGROOM_ECC_FAMILY_SECT_R2 ((uint8_t)0x2b)
#define STRONGROOM_ECC_FAMILY_BRAINPOOL_P_R1 ((uint8_t)0x30)
#define STRONGROOM_ECC_FAMILY_FRP ((uint8_t)0x33)
#define STRONGROOM_ECC_FAMILY_MONTGOMERY ((uint8_t)0x41)
#define STRONGROOM_ECC_FAMILY_TWISTED_EDWARDS ((uint8_t)0x42)
#define STRONGROOM_DH_FAMILY_RFC7919 ((uint8_t)0x03)

#define STRONGROOM_ALG_NONE ((strongroom_algorithm)0)

// What accessors give for a policy that a service stored and that the encoding has no value for,
// such as a tag of no bytes: PSA_ALG_VENDOR_FLAG alone. Nothing takes it.
#define STRONGROOM_ALG_UNENCODABLE ((strongroom_algorithm)0x80000000)

#define STRONGROOM_ALG_MD2 ((strongroom_algorithm)0x02000001)
#define STRONGROOM_ALG_MD4 ((strongroom_algorithm)0x02000002)
#define STRONGROOM_ALG_MD5 ((strongroom_algorithm)0x02000003)
#define STRONGROOM_ALG_RIPEMD160 ((strongroom_algorithm)0x02000004)
#define STRONGROOM_ALG_SHA_1 ((strongroom_algorithm)0x02000005)
#define STRONGROOM_ALG_SHA_224 ((strongroom_algorithm)0x02000008)
#define STRONGROOM_ALG_SHA_256 ((strongroom_algorithm)0x02000009)
#define STRONGROOM_ALG_SHA_384 ((strongroom_algorithm)0x0200000a)
#define STRONGROOM_ALG_SHA_512 ((strongroom_algorithm)0x0200000b)
#define STRONGROOM_ALG_SHA_512_224 ((strongroom_algorithm)0x0200000c)
#define STRONGROOM_ALG_SHA_512_256 ((strongroom_algorithm)0x0200000d)
#define STRONGROOM_ALG_SHA3_224 ((strongroom_algorithm)0x02000010)
#define STRONGROOM_ALG_SHA3_256 ((strongroom_algorithm)0x02000011)
#define STRONGROOM_ALG_SHA3_384 ((strongroom_algorithm)0x02000012)
#define STRONGROOM_ALG_SHA3_512 ((strongroom_algorithm)0x02000013)
// In policies of signing keys alone.
#define STRONGROOM_ALG_ANY_HASH ((strongroom_algorithm)0x020000ff)

#define STRONGROOM_ALG_WITH_HASH_(base, hash) \
  ((strongroom_algorithm)((base) | ((strongroom_algorithm)(hash) & 0xffU)))

#define STRONGROOM_ALG_HMAC(hash) STRONGROOM_ALG_WITH_HASH_(0x03800000U, hash)
#define STRONGROOM_ALG_CBC_MAC ((strongroom_algorithm)0x03c00100)
#define STRONGROOM_ALG_CMAC ((strongroom_algorithm)0x03c00200)
// To 1 to 63 bytes.
#define STRONGROOM_ALG_TRUNCATED_MAC(mac, size)    \
  ((strongroom_algorithm)(((mac) & ~0x003f8000U) | \
                          (((strongroom_algorithm)(size) << 16) & 0x003f0000U)))

#define STRONGROOM_ALG_STREAM_CIPHER ((strongroom_algorithm)0x04800100)
#define STRONGROOM_ALG_CTR ((strongroom_algorithm)0x04c01000)
#define STRONGROOM_ALG_CFB ((strongroom_algorithm)0x04c01100)
#define STRONGROOM_ALG_OFB ((strongroom_algorithm)0x04c01200)
#define STRONGROOM_ALG_XTS ((strongroom_algorithm)0x0440ff00)
#define STRONGROOM_ALG_ECB_NO_PADDING ((strongroom_algorithm)0x04404400)
#define STRONGROOM_ALG_CBC_NO_PADDING ((strongroom_algorithm)0x04404000)
#define STRONGROOM_ALG_CBC_PKCS7 ((strongroom_algorithm)0x04404100)

#define STRONGROOM_ALG_CCM ((strongroom_algorithm)0x05500100)
#define STRONGROOM_ALG_GCM ((strongroom_algorithm)0x05500200)
#define STRONGROOM_ALG_CHACHA20_POLY1305 ((strongroom_algorithm)0x05100500)
// To 1 to 63 bytes. 16 is the default length, and gives the algorithm itself.
#define STRONGROOM_ALG_AEAD_WITH_SHORTENED_TAG(aead, size) \
  ((strongroom_algorithm)(((aead) & ~0x003f8000U) |        \
                          (((strongroom_algorithm)(size) << 16) & 0x003f0000U)))

#define STRONGROOM_ALG_RSA_PKCS1V15_SIGN(hash) STRONGROOM_ALG_WITH_HASH_(0x06000200U, hash)
#define STRONGROOM_ALG_RSA_PKCS1V15_SIGN_RAW ((strongroom_algorithm)0x06000200)
#define STRONGROOM_ALG_RSA_PSS(hash) STRONGROOM_ALG_WITH_HASH_(0x06000300U, hash)
#define STRONGROOM_ALG_ECDSA(hash) STRONGROOM_ALG_WITH_HASH_(0x06000600U, hash)
#define STRONGROOM_ALG_ECDSA_ANY ((strongroom_algorithm)0x06000600)
#define STRONGROOM_ALG_DETERMINISTIC_ECDSA(hash) STRONGROOM_ALG_WITH_HASH_(0x06000700U, hash)
// Ed25519 and Ed448 over the message itself.
#define STRONGROOM_ALG_PURE_EDDSA ((strongroom_algorithm)0x06000800)

#define STRONGROOM_ALG_RSA_PKCS1V15_CRYPT ((strongroom_algorithm)0x07000200)
#define STRONGROOM_ALG_RSA_OAEP(hash) STRONGROOM_ALG_WITH_HASH_(0x07000300U, hash)

#define STRONGROOM_ALG_HKDF(hash) STRONGROOM_ALG_WITH_HASH_(0x08000100U, hash)
#define STRONGROOM_ALG_TLS12_PRF(hash) STRONGROOM_ALG_WITH_HASH_(0x08000200U, hash)
#define STRONGROOM_ALG_TLS12_PSK_TO_MS(hash) STRONGROOM_ALG_WITH_HASH_(0x08000300U, hash)

#define STRONGROOM_ALG_FFDH ((strongroom_algorithm)0x09010000)
#define STRONGROOM_ALG_ECDH ((strongroom_algorithm)0x09020000)
#define STRONGROOM_ALG_KEY_AGREEMENT(agreement, derivation) \
  ((strongroom_algorithm)((agreement) | (derivation)))

// PSA Crypto API 1.4: PSA_ALG_KWP, which is NIST SP 800-38F §6.3.
#define STRONGROOM_ALG_KWP ((strongroom_algorithm)0x0bc00200)
// PKCS#11 CKM_RSA_AES_KEY_WRAP with an AES key of 256 bits. PSA has no value for it: this one is
// Strongroom's, by PSA_ALG_VENDOR_FLAG.
#define STRONGROOM_ALG_RSA_OAEP_KWP(hash) STRONGROOM_ALG_WITH_HASH_(0x8b800300U, hash)

#define STRONGROOM_KEY_USAGE_EXPORT ((strongroom_key_usage)0x00000001)
#define STRONGROOM_KEY_USAGE_COPY ((strongroom_key_usage)0x00000002)
#define STRONGROOM_KEY_USAGE_CACHE ((strongroom_key_usage)0x00000004)
#define STRONGROOM_KEY_USAGE_ENCRYPT ((strongroom_key_usage)0x00000100)
#define STRONGROOM_KEY_USAGE_DECRYPT ((strongroom_key_usage)0x00000200)
#define STRONGROOM_KEY_USAGE_SIGN_MESSAGE ((strongroom_key_usage)0x00000400)
#define STRONGROOM_KEY_USAGE_VERIFY_MESSAGE ((strongroom_key_usage)0x00000800)
#define STRONGROOM_KEY_USAGE_SIGN_HASH ((strongroom_key_usage)0x00001000)
#define STRONGROOM_KEY_USAGE_VERIFY_HASH ((strongroom_key_usage)0x00002000)
#define STRONGROOM_KEY_USAGE_DERIVE ((strongroom_key_usage)0x00004000)
// PSA Crypto API 1.4.
#define STRONGROOM_KEY_USAGE_WRAP ((strongroom_key_usage)0x00010000)
#define STRONGROOM_KEY_USAGE_UNWRAP ((strongroom_key_usage)0x00020000)

#endif
