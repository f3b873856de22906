#include "tests/conformance/attacks/arithmetic.h"

#include <algorithm>
#include <array>
#include <memory>

#include <openssl/bn.h>

#include "tests/conformance/openssl_oracle.h"

namespace strongroom::conformance::attacks {
namespace {

struct Release {
  void operator()(BIGNUM* number) const noexcept { BN_free(number); }
  void operator()(BN_CTX* context) const noexcept { BN_CTX_free(context); }
};
using Number = std::unique_ptr<BIGNUM, Release>;

BN_CTX* scratch() {
  static const std::unique_ptr<BN_CTX, Release> context(BN_CTX_new());
  return context.get();
}

Number number_of(ByteView bytes) {
  return Number(BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr));
}

Number little_endian(ByteView bytes) {
  return Number(BN_lebin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr));
}

Number small(BN_ULONG value) {
  Number number(BN_new());
  BN_set_word(number.get(), value);
  return number;
}

Bytes encoded(const BIGNUM* number, std::size_t size) {
  Bytes bytes(size);
  BN_bn2binpad(number, octets(MutableByteView(bytes)), static_cast<int>(size));
  return bytes;
}

// 2^(8·size).
Number beyond(std::size_t size) {
  Number number(BN_new());
  BN_set_bit(number.get(), static_cast<int>(8 * size));
  return number;
}

// A field whose elements are taken apart and put together by value.
struct Field {
  Number prime;

  Number add(const Number& a, const Number& b) const {
    Number result(BN_new());
    BN_mod_add(result.get(), a.get(), b.get(), prime.get(), scratch());
    return result;
  }
  Number subtract(const Number& a, const Number& b) const {
    Number result(BN_new());
    BN_mod_sub(result.get(), a.get(), b.get(), prime.get(), scratch());
    return result;
  }
  Number multiply(const Number& a, const Number& b) const {
    Number result(BN_new());
    BN_mod_mul(result.get(), a.get(), b.get(), prime.get(), scratch());
    return result;
  }
  Number square(const Number& a) const { return multiply(a, a); }
};

// 2^255 - 19 and 2^448 - 2^224 - 1.
Field field_of(std::uint32_t bits) {
  Number prime(BN_new());
  BN_set_bit(prime.get(), static_cast<int>(bits));
  Number less(BN_new());
  if (bits == 448) BN_set_bit(less.get(), 224);
  BN_add_word(less.get(), bits == 448 ? 1 : 19);
  BN_sub(prime.get(), prime.get(), less.get());
  return {std::move(prime)};
}

Bytes masked_scalar(std::uint32_t bits, ByteView scalar) {
  Bytes masked = copy_of(scalar);
  masked.front() &= bits == 255 ? std::byte{0xf8} : std::byte{0xfc};
  if (bits == 255) masked.back() &= std::byte{0x7f};
  masked.back() |= bits == 255 ? std::byte{0x40} : std::byte{0x80};
  return masked;
}

// One step of the ladder; the names are those of the RFC.
void step(const Field& f, const Number& a24, const Number& x_1, std::array<Number, 4>& point) {
  auto& [x_2, z_2, x_3, z_3] = point;
  Number a = f.add(x_2, z_2);
  Number aa = f.square(a);
  Number b = f.subtract(x_2, z_2);
  Number bb = f.square(b);
  Number e = f.subtract(aa, bb);
  Number da = f.multiply(f.subtract(x_3, z_3), a);
  Number cb = f.multiply(f.add(x_3, z_3), b);
  x_3 = f.square(f.add(da, cb));
  z_3 = f.multiply(x_1, f.square(f.subtract(da, cb)));
  x_2 = f.multiply(aa, bb);
  z_2 = f.multiply(e, f.add(aa, f.multiply(a24, e)));
}

std::size_t size_of_length(ByteView der) {
  return (der[1] & std::byte{0x80}) == std::byte{}
             ? 1
             : 1 + std::to_integer<std::size_t>(der[1] & std::byte{0x7f});
}

std::size_t length_of(ByteView der) {
  std::size_t size = size_of_length(der);
  if (size == 1) return std::to_integer<std::size_t>(der[1]);
  std::size_t length = 0;
  for (std::byte octet : der.subspan(2, size - 1))
    length = length << 8 | std::to_integer<std::size_t>(octet);
  return length;
}

Bytes der_element(std::byte tag, ByteView content) {
  Bytes der = {tag};
  std::size_t size = content.size();
  if (size >= 0x100) {
    der.push_back(std::byte{0x82});
    der.push_back(static_cast<std::byte>(size >> 8));
  } else if (size >= 0x80) {
    der.push_back(std::byte{0x81});
  }
  der.push_back(static_cast<std::byte>(size & 0xff));
  der.insert(der.end(), content.begin(), content.end());
  return der;
}

}  // namespace

Bytes joined(std::initializer_list<ByteView> parts) {
  Bytes whole;
  for (ByteView part : parts)
    whole.insert(whole.end(), part.begin(), part.end());
  return whole;
}

Bytes sum_of(ByteView a, ByteView b) {
  Number sum(BN_new());
  BN_mod_add(sum.get(), number_of(a).get(), number_of(b).get(), beyond(a.size()).get(), scratch());
  return encoded(sum.get(), a.size());
}

Bytes difference_of(ByteView a, ByteView b) {
  Number rest(BN_new());
  BN_mod_sub(rest.get(), number_of(a).get(), number_of(b).get(), beyond(a.size()).get(), scratch());
  return encoded(rest.get(), a.size());
}

Bytes product_of(ByteView a, ByteView b, ByteView modulus) {
  Number product(BN_new());
  BN_mod_mul(product.get(), number_of(a).get(), number_of(b).get(), number_of(modulus).get(),
             scratch());
  return encoded(product.get(), a.size());
}

Bytes inverse_of(ByteView a, ByteView prime) {
  Number inverse(BN_mod_inverse(nullptr, number_of(a).get(), number_of(prime).get(), scratch()));
  return encoded(inverse.get(), a.size());
}

bool is_less(ByteView a, ByteView b) {
  return BN_cmp(number_of(a).get(), number_of(b).get()) < 0;
}

Bytes der_integer(ByteView magnitude) {
  auto first = std::ranges::find_if(magnitude, [](std::byte b) { return b != std::byte{}; });
  Bytes content(first, magnitude.end());
  if (content.empty() || (content[0] & std::byte{0x80}) != std::byte{})
    content.insert(content.begin(), std::byte{0});
  return der_element(std::byte{0x02}, content);
}

Bytes der_sequence(ByteView content) {
  return der_element(std::byte{0x30}, content);
}

std::vector<Bytes> rsa_numbers(ByteView pair_der) {
  std::vector<Bytes> numbers;
  ByteView rest = pair_der.subspan(1 + size_of_length(pair_der));
  while (!rest.empty()) {
    std::size_t header = 1 + size_of_length(rest);
    std::size_t size = length_of(rest);
    numbers.push_back(copy_of(rest.subspan(header, size)));
    rest = rest.subspan(header + size);
  }
  return numbers;
}

Bytes rsa_key(std::span<const Bytes> numbers) {
  Bytes content;
  for (const Bytes& number : numbers)
    content = joined({content, der_integer(number)});
  return der_sequence(content);
}

Bytes rsa_power(ByteView pair_der, ByteView block) {
  std::vector<Bytes> numbers = rsa_numbers(pair_der);
  Number power(BN_new());
  BN_mod_exp(power.get(), number_of(block).get(), number_of(numbers[3]).get(),
             number_of(numbers[1]).get(), scratch());
  return encoded(power.get(), block.size());
}

Bytes mgf1(psa::Hash hash, ByteView seed, std::size_t size) {
  Bytes output;
  for (std::byte counter{}; output.size() < size;
       counter = static_cast<std::byte>(std::to_integer<int>(counter) + 1)) {
    Bytes input = joined({seed, Bytes(3), ByteView(&counter, 1)});
    output = joined({output, oracle::digest(hash, input)});
  }
  output.resize(size);
  return output;
}

void mask(MutableByteView bytes, ByteView mask) {
  std::ranges::transform(bytes, mask, bytes.begin(), std::bit_xor<>());
}

Bytes montgomery_multiple(std::uint32_t bits, ByteView scalar, ByteView u) {
  Field field = field_of(bits);
  Bytes masked_u = copy_of(u);
  if (bits == 255) masked_u.back() &= std::byte{0x7f};
  Number k = little_endian(masked_scalar(bits, scalar));
  Number x_1 = little_endian(masked_u);
  BN_nnmod(x_1.get(), x_1.get(), field.prime.get(), scratch());
  Number a24 = small(bits == 255 ? 121665 : 39081);
  std::array<Number, 4> point = {small(1), small(0), Number(BN_dup(x_1.get())), small(1)};
  for (int t = static_cast<int>(bits) - 1; t >= 0; --t) {
    bool is_swapped = BN_is_bit_set(k.get(), t) == 1;
    if (is_swapped) std::swap(point[0], point[2]), std::swap(point[1], point[3]);
    step(field, a24, x_1, point);
    if (is_swapped) std::swap(point[0], point[2]), std::swap(point[1], point[3]);
  }
  Bytes result(u.size());
  if (BN_is_zero(point[1].get())) return result;
  Number inverse(BN_mod_inverse(nullptr, point[1].get(), field.prime.get(), scratch()));
  Number x = field.multiply(point[0], inverse);
  BN_bn2lebinpad(x.get(), octets(MutableByteView(result)), static_cast<int>(result.size()));
  return result;
}

}  // namespace strongroom::conformance::attacks
