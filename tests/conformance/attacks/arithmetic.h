// Numbers for forging: what an attacker computes with public keys, and what a careless owner signs.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/psa.h"

namespace strongroom::conformance::attacks {

Bytes joined(std::initializer_list<ByteView> parts);

// Big-endian, all as long as the first operand; modulo 2^(8·size) where there is no modulus.
Bytes sum_of(ByteView a, ByteView b);
Bytes difference_of(ByteView a, ByteView b);
Bytes product_of(ByteView a, ByteView b, ByteView modulus);
Bytes inverse_of(ByteView a, ByteView prime);
bool is_less(ByteView a, ByteView b);

// DER, X.690: an INTEGER out of a magnitude, and a SEQUENCE around what it holds.
Bytes der_integer(ByteView magnitude);
Bytes der_sequence(ByteView content);

// The nine integers of RSAPrivateKey, version first, and the key of such.
std::vector<Bytes> rsa_numbers(ByteView pair_der);
Bytes rsa_key(std::span<const Bytes> numbers);

// m^d mod n of a whole block: what a signature of it would be.
Bytes rsa_power(ByteView pair_der, ByteView block);

// RFC 8017 §B.2.1.
Bytes mgf1(psa::Hash hash, ByteView seed, std::size_t size);
void mask(MutableByteView bytes, ByteView mask);

// RFC 7748 §5, with numbers in place of field elements; for a curve of 255 or 448 bits. Both inputs
// and the result are little-endian.
Bytes montgomery_multiple(std::uint32_t bits, ByteView scalar, ByteView u);

}  // namespace strongroom::conformance::attacks
