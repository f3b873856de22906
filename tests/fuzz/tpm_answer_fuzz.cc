// Whoever sits between the daemon and its TPM answers each command with any bytes. What gets
// through is what a TPM could have said, and nothing is read beyond it.
//
// The first byte of an input chooses the command. The second says how the rest is answered: as the
// whole answer (0); as its parameters, with a header and a valid HMAC (1), which is how what is
// behind the HMAC is reached: the session's key is empty here, and so known to this TPM; or a size
// and an answer to each command of a TPM's whole start (2). With 3 the rest is a stored key.

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/log.h"
#include "providers/tpm/facets/capabilities.h"
#include "providers/tpm/objects/attestation.h"
#include "providers/tpm/objects/key_material.h"
#include "providers/tpm/objects/names.h"
#include "providers/tpm/objects/public_keys.h"
#include "providers/tpm/objects/symmetric_commands.h"
#include "providers/tpm/session/salt.h"
#include "providers/tpm/tpm.h"
#include "tests/fuzz/fuzz_input.h"

namespace strongroom::tpm {
namespace {

using namespace std::chrono_literals;

void require(bool claim) {
  if (!claim) std::abort();
}

const Primitives& primitives() {
  static const Primitives loaded = *Primitives::load();
  return loaded;
}

constexpr std::size_t kHeader = 10;
const Bytes kNonce(kDigestSize, std::byte{0x77});

std::uint32_t code_of(ByteView command) {
  std::uint32_t code = 0;
  for (std::byte octet : command.subspan(6, 4))
    code = code << 8 | std::to_integer<std::uint32_t>(octet);
  return code;
}

Bytes framed(UINT16 tag, ByteView body) {
  Writer header;
  header.put(tag).put(static_cast<UINT32>(kHeader + body.size())).put(UINT32{TPM2_RC_SUCCESS});
  Bytes answer = copy_of(header.view());
  answer.insert(answer.end(), body.begin(), body.end());
  return answer;
}

// What the one session of a command says of it.
struct SessionPart {
  ByteView nonce_caller;
  BYTE attributes;
};
SessionPart session_of(ByteView command, std::size_t handles) {
  ByteView part = command.subspan(kHeader + sizeof(TPM2_HANDLE) * (handles + 2) + sizeof(UINT16));
  return {part.first(kDigestSize), std::to_integer<BYTE>(part[kDigestSize])};
}

// As a TPM would encrypt the first parameter, if it is one.
void encrypt(const SessionPart& session, MutableByteView parameters) {
  if ((session.attributes & TPMA_SESSION_ENCRYPT) == 0 || parameters.size() < 2) return;
  auto size = std::to_integer<std::size_t>(parameters[0]) << 8 |
              std::to_integer<std::size_t>(parameters[1]);
  if (size > parameters.size() - 2) return;
  auto key =
      primitives().kdf_a({}, "CFB", kNonce, session.nonce_caller, kAesKeySize + kAesBlockSize);
  require(key && primitives().aes_128_cfb(Primitives::Direction::Encrypt, key->reveal(),
                                          parameters.subspan(2, size)));
}

struct Shape {
  std::size_t handles;     // of the command
  bool has_answer_handle;  // of the answer
};

Bytes authentic(ByteView command, const Shape& shape, ByteView content) {
  const SessionPart session = session_of(command, shape.handles);
  Bytes parameters = copy_of(content);
  encrypt(session, parameters);
  Writer codes;
  codes.put(UINT32{TPM2_RC_SUCCESS}).put(code_of(command));
  const Digest digest = *primitives().sha256({codes.view(), parameters});
  const Digest mac = *primitives().hmac_sha256(
      {}, {digest, kNonce, session.nonce_caller, std::as_bytes(std::span(&session.attributes, 1))});
  Writer before;
  if (shape.has_answer_handle) before.put(UINT32{0x80000001});
  before.put(static_cast<UINT32>(parameters.size()));
  Writer after;
  after.put(static_cast<UINT16>(kNonce.size())).put(kNonce).put(session.attributes);
  after.put(static_cast<UINT16>(mac.size())).put(mac);
  Bytes body = copy_of(before.view());
  body.insert(body.end(), parameters.begin(), parameters.end());
  body.insert(body.end(), after.view().begin(), after.view().end());
  return framed(TPM2_ST_SESSIONS, body);
}

// A transmission interface that `answer` answers; without an answer the interface is broken.
using Answerer = std::function<std::optional<Bytes>(ByteView command)>;
struct Wire {
  TSS2_TCTI_CONTEXT_COMMON_V1 common{};
  const Answerer* answerer = nullptr;
  std::optional<Bytes> answer;
};

TSS2_RC transmit(TSS2_TCTI_CONTEXT* context, std::size_t size, const std::uint8_t* command) {
  auto& wire = *reinterpret_cast<Wire*>(context);
  wire.answer = (*wire.answerer)(std::as_bytes(std::span(command, size)));
  return TSS2_RC_SUCCESS;
}

TSS2_RC receive(TSS2_TCTI_CONTEXT* context, std::size_t* size, std::uint8_t* response,
                std::int32_t) {
  auto& wire = *reinterpret_cast<Wire*>(context);
  if (!wire.answer) return TSS2_TCTI_RC_IO_ERROR;
  if (wire.answer->size() > *size) return TSS2_TCTI_RC_INSUFFICIENT_BUFFER;
  std::ranges::copy(*wire.answer, std::as_writable_bytes(std::span(response, *size)).begin());
  *size = wire.answer->size();
  return TSS2_RC_SUCCESS;
}

TctiOpener opener_of(const Answerer& answerer) {
  return [&answerer]() -> Result<OwnedTcti> {
    auto wire = std::make_unique<Wire>();
    wire->common.version = 1;
    wire->common.transmit = &transmit;
    wire->common.receive = &receive;
    wire->answerer = &answerer;
    return OwnedTcti(reinterpret_cast<TSS2_TCTI_CONTEXT*>(wire.release()),
                     [](TSS2_TCTI_CONTEXT* context) { delete reinterpret_cast<Wire*>(context); });
  };
}

// What becomes of a key that a TPM says it has made.
void use_blob(const KeyBlob& blob) {
  std::ignore = public_key_of(blob.public_area.publicArea);
  auto stored = to_stored(Bytes(kAuthSize), blob);
  if (!stored) return;
  auto again = from_stored(primitives(), *stored);
  require(!again || again->name == *name_of(primitives(), blob.public_area.publicArea));
}

void use_root(const TPMT_PUBLIC& area) {
  std::ignore = name_of(primitives(), area);
  std::ignore = public_key_of(area);
  std::ignore = make_salt(primitives(), area, kForSession);
}

struct Scene {
  Channel& channel;
  HmacSession& session;
  const Entity key{0x80000000, Bytes(34, std::byte{0x0b})};

  Secured secured() const { return {channel, session}; }
  Authorized authorized() const { return {key, {}}; }
};

struct Row {
  Shape shape;
  void (*run)(const Scene&);
};

const TPMT_PUBLIC kArea = storage_root(RootType::EccP256);

const Row kCommands[] = {
    {{1, true},
     [](const Scene& s) {
       auto made = create_primary(s.secured(), s.authorized(), kArea);
       if (made) use_root(made->public_area);
     }},
    {{1, false},
     [](const Scene& s) {
       auto made = create(s.secured(), s.key, kArea, Bytes(32));
       if (made) use_blob(*made);
     }},
    {{1, false},
     [](const Scene& s) {
       auto made = import(s.secured(), s.key, Duplicate{kArea, {}, {}});
       if (made) use_blob({*made, TPM2B_PUBLIC{.size = 0, .publicArea = kArea}});
     }},
    {{1, true}, [](const Scene& s) { std::ignore = load(s.secured(), s.key, KeyBlob{}); }},
    {{1, false},
     [](const Scene& s) {
       std::ignore =
           sign(s.secured(), s.authorized(), Bytes(32), TPMT_SIG_SCHEME{TPM2_ALG_ECDSA, {}});
     }},
    {{1, false},
     [](const Scene& s) {
       std::ignore = rsa_decrypt(s.secured(), s.authorized(), Bytes(256),
                                 TPMT_RSA_DECRYPT{TPM2_ALG_RSAES, {}}, {});
     }},
    {{1, false},
     [](const Scene& s) {
       std::ignore = ecdh_z(s.secured(), s.authorized(), Bytes(32), Bytes(32));
     }},
    {{0, false},
     [](const Scene& s) {
       auto drawn = draw_random(s.secured(), 20);
       require(!drawn || (drawn->size() > 0 && drawn->size() <= 20));
     }},
    {{1, false},
     [](const Scene& s) {
       std::ignore = mac(s.secured(), s.authorized(), TPM2_ALG_SHA256, Bytes(10));
     }},
    {{1, true},
     [](const Scene& s) { std::ignore = start_mac(s.secured(), s.authorized(), TPM2_ALG_CMAC); }},
    {{1, false},
     [](const Scene& s) {
       std::ignore = complete_sequence(s.secured(), s.authorized(), Bytes(1));
     }},
    {{1, false},
     [](const Scene& s) {
       const BlockCipher cipher{BlockCipher::Direction::Decrypt, TPM2_ALG_CBC, {.answer = true}};
       auto done = encrypt_decrypt(s.secured(), s.authorized(), cipher, Bytes(16), Bytes(32));
       require(!done || (done->output.size() == 32 && done->iv.size() == 16));
     }},
    {{1, false},
     [](const Scene& s) {
       std::ignore = quote(s.secured(), s.authorized(), TPML_PCR_SELECTION{}, Bytes(8));
     }},
    {{1, false}, [](const Scene& s) { std::ignore = save_context(s.channel, s.key.handle); }},
    {{0, true}, [](const Scene& s) { std::ignore = load_context(s.channel, Bytes(20)); }},
    {{0, false}, [](const Scene& s) { std::ignore = Capabilities::of(s.channel); }},
    {{0, false}, [](const Scene& s) { std::ignore = read_pcrs(s.channel, TPML_PCR_SELECTION{}); }},
    {{2, true},
     [](const Scene& s) {
       auto started = start_session(s.channel, std::nullopt);
       if (started) std::ignore = draw_random({s.channel, *started}, 8);
     }},
};

void run_command(const Row& row, bool is_authentic, ByteView rest) {
  int asked = 0;
  const Answerer answerer = [&](ByteView command) -> std::optional<Bytes> {
    constexpr int kPatience = 64;
    if (++asked > kPatience) return std::nullopt;
    if (code_of(command) == TPM2_CC_FlushContext) return framed(TPM2_ST_NO_SESSIONS, {});
    bool has_session = command[1] == std::byte{0x02};
    if (is_authentic && has_session) return authentic(command, row.shape, rest);
    return is_authentic ? framed(TPM2_ST_NO_SESSIONS, rest) : copy_of(rest);
  };
  auto device = *Device::over(opener_of(answerer), {.busy = 0ms});
  Channel channel(*device, primitives());
  TPM2B_NONCE nonce{};
  nonce.size = kDigestSize;
  HmacSession session(primitives(), 0x02000000, {}, nonce);
  row.run({channel, session});
}

// Each answer as many bytes as its two before say. The HMAC of the root's making is made good, for
// which no secret is needed; the session's, which is salted, cannot be.
void run_start(testing::FuzzInput input) {
  const Answerer answerer = [&](ByteView command) -> std::optional<Bytes> {
    if (input.is_empty()) return std::nullopt;
    const std::string text = input.text(input.below(4096));
    bool has_session = command[1] == std::byte{0x02};
    if (has_session && code_of(command) == TPM2_CC_CreatePrimary)
      return authentic(command, {1, true}, view_of(text));
    return bytes_of(text);
  };
  Tpm::Settings settings;
  settings.opener = opener_of(answerer);
  settings.is_exclusive = true;
  settings.limits.busy = 0ms;
  auto tpm = *Tpm::with(std::move(settings));
  std::ignore = tpm->run([&] { return Capabilities::of(tpm->channel()); });
  std::ignore = tpm->run([&] { return draw_random(tpm->secured(), 8); });
}

void run_material(ByteView rest) {
  auto stored = SecretBuffer::copy_of(rest);
  auto read = from_stored(primitives(), *stored);
  if (read) use_blob(read->blob);
}

}  // namespace
}  // namespace strongroom::tpm

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace strongroom;
  // The TSS tells of each number that is too large, on standard error.
  [[maybe_unused]] static const int kIsQuiet = ::setenv("TSS2_LOG", "all+NONE", 1);
  log::set_level(log::Level::Error);
  if (size < 2 || size > 8192) return 0;
  const ByteView rest = std::as_bytes(std::span(data, size).subspan(2));
  switch (data[1] % 4) {
    case 2: tpm::run_start({data + 2, size - 2}); break;
    case 3: tpm::run_material(rest); break;
    default:
      tpm::run_command(tpm::kCommands[data[0] % std::size(tpm::kCommands)], data[1] % 4 == 1, rest);
  }
  return 0;
}
