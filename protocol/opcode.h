// Operation codes of the Parsec wire protocol 1.0, letter for letter. Extension opcodes start at
// 0x8000 and are never listed to a client that did not ask for them.
#pragma once

#include <cstdint>

namespace strongroom {

enum class Opcode : std::uint32_t {
  Ping = 1,
  PsaGenerateKey = 2,
  PsaDestroyKey = 3,
  PsaSignHash = 4,
  PsaVerifyHash = 5,
  PsaImportKey = 6,
  PsaExportPublicKey = 7,
  ListProviders = 8,
  ListOpcodes = 9,
  PsaAsymmetricEncrypt = 10,
  PsaAsymmetricDecrypt = 11,
  PsaExportKey = 12,
  PsaGenerateRandom = 13,
  ListAuthenticators = 14,
  PsaHashCompute = 15,
  PsaHashCompare = 16,
  PsaAeadEncrypt = 17,
  PsaAeadDecrypt = 18,
  PsaRawKeyAgreement = 19,
  PsaCipherEncrypt = 20,
  PsaCipherDecrypt = 21,
  PsaMacCompute = 22,
  PsaMacVerify = 23,
  PsaSignMessage = 24,
  PsaVerifyMessage = 25,
  ListKeys = 26,
  ListClients = 27,
  DeleteClient = 28,
  AttestKey = 30,
  PrepareKeyAttestation = 31,
  CanDoCrypto = 32,

  Status = 0x8000,
  KeyInfo = 0x8002,
  Reload = 0x8003,
  StoreCheck = 0x8004,
  DeriveKey = 0x8005,
  WrapKey = 0x8006,
  UnwrapKey = 0x8007,
  SignBatch = 0x8008,
  AeadSeal = 0x8009,
  MultipartSetup = 0x800A,
  MultipartUpdate = 0x800B,
  MultipartFinish = 0x800C,
  MultipartAbort = 0x800D,
  CertifyKey = 0x800E,
  Quote = 0x800F,
  ControlProvider = 0x8010,
};

// The auth types of the request header.
enum class AuthType : std::uint8_t {
  NoAuth = 0,
  Direct = 1,
  Jwt = 2,
  UnixPeerCredentials = 3,
  JwtSvid = 4,
};
inline constexpr std::uint8_t kLastAuthType = 4;

// Provider ids that every client knows; a service with another one breaks them.
enum class ProviderId : std::uint8_t {
  Core = 0,
  Software = 1,
  Pkcs11 = 2,
  Tpm = 3,
  TrustedService = 4,
  CryptoAuthLib = 5,
};
inline constexpr std::uint8_t kLastProviderId = 5;

}  // namespace strongroom
