#include "providers/software/keys/edwards_point.h"

#include "providers/software/openssl_error.h"
#include "providers/software/openssl_handles.h"

namespace strongroom::software {
namespace {

// a x² + y² = 1 + d x² y² modulo p, RFC 8032 §5.1 and §5.2; a is a square and d is none. A point is
// known by its y but for the sign of x, and so are its multiples. Nothing here is secret.
struct Equation {
  Owned<BN_CTX> scratch{BN_CTX_new()};
  Owned<BIGNUM> p{BN_new()};
  Owned<BIGNUM> a{BN_new()};
  Owned<BIGNUM> d{BN_new()};
  int doublings = 0;  // that take a point of a small order to the neutral one
};

// p = 2^255 - 19, a = -1, d = -121665/121666.
bool set_edwards25519(Equation& curve) {
  curve.doublings = 3;
  BIGNUM* d = curve.d.get();
  const BIGNUM* p = curve.p.get();
  return BN_set_bit(curve.p.get(), 255) == 1 && BN_sub_word(curve.p.get(), 19) == 1 &&
         BN_copy(curve.a.get(), p) != nullptr && BN_sub_word(curve.a.get(), 1) == 1 &&
         BN_set_word(d, 121'666) == 1 && BN_mod_inverse(d, d, p, curve.scratch.get()) != nullptr &&
         BN_mul_word(d, 121'665) == 1 && BN_sub(d, p, d) == 1 &&
         BN_nnmod(d, d, p, curve.scratch.get()) == 1;
}

// p = 2^448 - 2^224 - 1, a = 1, d = -39081.
bool set_edwards448(Equation& curve) {
  curve.doublings = 2;
  Owned<BIGNUM> middle(BN_new());
  return middle && BN_set_bit(curve.p.get(), 448) == 1 && BN_set_bit(middle.get(), 224) == 1 &&
         BN_sub(curve.p.get(), curve.p.get(), middle.get()) == 1 &&
         BN_sub_word(curve.p.get(), 1) == 1 && BN_one(curve.a.get()) == 1 &&
         BN_copy(curve.d.get(), curve.p.get()) != nullptr &&
         BN_sub_word(curve.d.get(), 39'081) == 1;
}

Result<Equation> equation_of(const EdwardsCurve& curve) {
  Equation equation;
  bool is_set = equation.scratch && equation.p && equation.a && equation.d &&
                (curve.bits == 255 ? set_edwards25519(equation) : set_edwards448(equation));
  if (!is_set) return std::unexpected(openssl_error("BN_sub_word"));
  return equation;
}

// top / bottom into `top`; `bottom` is not 0.
bool divide(const Equation& curve, BIGNUM* top, BIGNUM* bottom) {
  const BIGNUM* p = curve.p.get();
  BN_CTX* scratch = curve.scratch.get();
  return BN_mod_inverse(bottom, bottom, p, scratch) != nullptr &&
         BN_mod_mul(top, top, bottom, p, scratch) == 1;
}

// x² = (y² - 1) / (d y² - a). There is a division because a/d is no square.
bool x_squared(const Equation& curve, const BIGNUM* y_squared, BIGNUM* out) {
  const BIGNUM* p = curve.p.get();
  BN_CTX* scratch = curve.scratch.get();
  Owned<BIGNUM> bottom(BN_new());
  return bottom && BN_mod_mul(bottom.get(), curve.d.get(), y_squared, p, scratch) == 1 &&
         BN_mod_sub(bottom.get(), bottom.get(), curve.a.get(), p, scratch) == 1 &&
         BN_mod_sub(out, y_squared, BN_value_one(), p, scratch) == 1 &&
         divide(curve, out, bottom.get());
}

// What y² and x² of a point are.
struct Squares {
  Owned<BIGNUM> y{BN_new()};
  Owned<BIGNUM> x{BN_new()};
};
Result<Squares> squares_of(const Equation& curve, const BIGNUM* y) {
  Squares squares;
  if (squares.y && squares.x &&
      BN_mod_sqr(squares.y.get(), y, curve.p.get(), curve.scratch.get()) == 1 &&
      x_squared(curve, squares.y.get(), squares.x.get()))
    return squares;
  return std::unexpected(openssl_error("BN_mod_inverse"));
}

// y of 2P is (y² - a x²) / (2 - a x² - y²), with the same denominator as of the addition law's
// 1 - d x² y², which is never 0.
Result<> double_in_place(const Equation& curve, BIGNUM* y) {
  auto squares = TRY(squares_of(curve, y));
  const BIGNUM* p = curve.p.get();
  BN_CTX* scratch = curve.scratch.get();
  Owned<BIGNUM> bottom(BN_new());
  BIGNUM* ax = squares.x.get();
  if (bottom && BN_mod_mul(ax, curve.a.get(), ax, p, scratch) == 1 &&
      BN_set_word(bottom.get(), 2) == 1 &&
      BN_mod_sub(bottom.get(), bottom.get(), ax, p, scratch) == 1 &&
      BN_mod_sub(bottom.get(), bottom.get(), squares.y.get(), p, scratch) == 1 &&
      BN_mod_sub(y, squares.y.get(), ax, p, scratch) == 1 && divide(curve, y, bottom.get()))
    return {};
  return std::unexpected(openssl_error("BN_mod_inverse"));
}

std::unexpected<Error> refused(const char* why) {
  return fail(Status::PsaErrorInvalidArgument, why);
}

Result<Owned<BIGNUM>> y_in(ByteView encoded) {
  constexpr std::byte kSignOfX{0x80};
  Bytes bytes = copy_of(encoded);
  bytes.back() &= ~kSignOfX;
  Owned<BIGNUM> y(BN_lebin2bn(octets(ByteView(bytes)), static_cast<int>(bytes.size()), nullptr));
  if (!y) return std::unexpected(openssl_error("BN_lebin2bn"));
  return y;
}

}  // namespace

Result<> check_edwards_point(const EdwardsCurve& curve, ByteView encoded) {
  auto equation = TRY(equation_of(curve));
  auto y = TRY(y_in(encoded));
  if (BN_cmp(y.get(), equation.p.get()) >= 0) return refused("the coordinate is not canonical");
  auto squares = TRY(squares_of(equation, y.get()));
  // 1 for a square, 0 for 0, -1 for another number, -2 when there is no memory.
  int symbol = BN_kronecker(squares.x.get(), equation.p.get(), equation.scratch.get());
  if (symbol == -1) return refused("the point is not on the curve");
  if (symbol < 0) return std::unexpected(openssl_error("BN_kronecker"));
  for (int i = 0; i < equation.doublings; ++i)
    TRY(double_in_place(equation, y.get()));
  if (BN_is_one(y.get())) return refused("the point is of a small order");
  return {};
}

}  // namespace strongroom::software
