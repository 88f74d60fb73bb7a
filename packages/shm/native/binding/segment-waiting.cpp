#include "arguments.hpp"
#include "bell-object.hpp"
#include "results.hpp"
#include "segment-methods.hpp"

namespace rmq::binding::segment {
namespace {

constexpr const char* kCursor = "cursor must be a sequence number";
constexpr double kLongestSpinUs = 1e6;

}  // namespace

napi_value setBell(napi_env env, Self& self, napi_value* arguments) {
  napi_valuetype type;
  napi_typeof(env, arguments[0], &type);
  if (type == napi_undefined) {
    self.ring().setBell(0, 0);
  } else if (BellObject* object = BellObject::from(env, arguments[0])) {
    self.ring().setBell(object->bell().nonce0(), object->bell().nonce1());
  }
  return nullptr;
}

napi_value arm(napi_env env, Self& self, napi_value* arguments) {
  uint64_t cursor;
  if (!readUint64(env, arguments[0], cursor, kCursor)) return nullptr;
  return status(env, self.ring().arm(cursor));
}

napi_value disarm(napi_env, Self& self, napi_value*) {
  self.ring().disarm();
  return nullptr;
}

napi_value armSpace(napi_env env, Self& self, napi_value*) { return status(env, self.ring().armSpace()); }

napi_value disarmSpace(napi_env, Self& self, napi_value*) {
  self.ring().disarmSpace();
  return nullptr;
}

napi_value spin(napi_env env, Self& self, napi_value* arguments) {
  uint64_t cursor;
  double microseconds;
  if (!readUint64(env, arguments[0], cursor, kCursor) ||
      !readNumber(env, arguments[1], 0, kLongestSpinUs, microseconds, "microseconds must be 0 to a million")) {
    return nullptr;
  }
  return boolean(env, self.ring().spinFor(cursor, static_cast<uint64_t>(microseconds * 1000)));
}

napi_value retire(napi_env, Self& self, napi_value*) {
  self.ring().retire();
  return nullptr;
}

napi_value isRetired(napi_env env, Self& self, napi_value*) {
  return boolean(env, self.isOpen() && self.ring().retired());
}

}  // namespace rmq::binding::segment
