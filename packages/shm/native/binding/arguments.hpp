#pragma once

#include <napi.h>

#include <cstdint>

#include "status.hpp"

namespace rmq::binding {

// Arguments of calls that have to be fast: plain Node-API, which costs less than
// the wrapper classes. A reader that answers false has thrown a TypeError.

constexpr double kMaxSafeInteger = 9007199254740991.0;
// Of byte counts and nanoseconds, whose lowest digits doubles lose above 2^53: a
// host that is up for 104 days counts beyond.
constexpr double kMaxUint64 = 9223372036854775808.0;

inline bool refuse(napi_env env, const char* message) {
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", message);
  return false;
}

// Whole numbers: what is behind the point is cut off.
inline bool readNumber(napi_env env, napi_value value, double low, double high, double& out, const char* message) {
  // The comparisons refuse NaN too.
  if (napi_get_value_double(env, value, &out) == napi_ok && out >= low && out <= high) return true;
  return refuse(env, message);
}

inline bool readUint64(napi_env env, napi_value value, uint64_t& out, const char* message) {
  double number;
  if (!readNumber(env, value, 0, kMaxUint64, number, message)) return false;
  out = static_cast<uint64_t>(number);
  return true;
}

inline bool readUint32(napi_env env, napi_value value, uint32_t limit, uint32_t& out, const char* message) {
  double number;
  if (!readNumber(env, value, 0, limit, number, message)) return false;
  out = static_cast<uint32_t>(number);
  return true;
}

inline bool readBool(napi_env env, napi_value value, bool& out, const char* message) {
  return napi_get_value_bool(env, value, &out) == napi_ok || refuse(env, message);
}

struct Bytes {
  uint8_t* data = nullptr;
  size_t length = 0;
};

inline bool readBytes(napi_env env, napi_value value, Bytes& out, const char* message) {
  napi_typedarray_type type;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &out.length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array) {
    return refuse(env, message);
  }
  out.data = static_cast<uint8_t*>(data);
  if (out.length != 0) return true;
  // Empty is fine; what was transferred away only looks empty.
  napi_value buffer;
  bool detached = false;
  napi_get_typedarray_info(env, value, nullptr, nullptr, nullptr, &buffer, nullptr);
  if (napi_is_detached_arraybuffer(env, buffer, &detached) == napi_ok && detached) return refuse(env, message);
  return true;
}

}  // namespace rmq::binding
