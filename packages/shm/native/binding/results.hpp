#pragma once

#include <napi.h>

#include <cstdint>
#include <cstring>

#include "status.hpp"

namespace rmq::binding {

inline napi_value number(napi_env env, double value) {
  napi_value result = nullptr;
  napi_create_double(env, value, &result);
  return result;
}

inline napi_value number(napi_env env, uint64_t value) { return number(env, static_cast<double>(value)); }

inline napi_value boolean(napi_env env, bool value) {
  napi_value result = nullptr;
  napi_get_boolean(env, value, &result);
  return result;
}

inline napi_value status(napi_env env, ring::Status s) { return number(env, static_cast<double>(s)); }

// For results that share a number with a status.
inline napi_value negative(napi_env env, ring::Status s) { return number(env, static_cast<double>(-static_cast<int32_t>(s))); }

// A Float64Array of its own. Null, and an exception pending, if there is no memory.
inline napi_value numbers(napi_env env, const double* cells, size_t count) {
  void* data = nullptr;
  napi_value buffer;
  napi_value array = nullptr;
  if (napi_create_arraybuffer(env, count * sizeof(double), &data, &buffer) != napi_ok) return nullptr;
  if (count != 0) std::memcpy(data, cells, count * sizeof(double));
  napi_create_typedarray(env, napi_float64_array, count, buffer, 0, &array);
  return array;
}

}  // namespace rmq::binding
