#pragma once

#include <napi.h>

#include <memory>

#include "mapping.hpp"

namespace rmq::binding {

// An ArrayBuffer over bytes of a mapping, which stays for as long as the
// ArrayBuffer's memory is referred to. Null and pending exception if V8 refuses.
napi_value showBytes(napi_env env, const std::shared_ptr<ring::Mapping>& mapping, const uint8_t* data, size_t length);

// The other end of such an ArrayBuffer, or of a private one: taken from
// JavaScript when the bytes are somebody else's again.
class RevocableView {
 public:
  // Strong: an ArrayBuffer costs little, a weak reference much.
  void hold(napi_env env, napi_value arrayBuffer);
  bool held() const { return reference_ != nullptr; }
  // Its length becomes 0 in all its typed arrays.
  void revoke(napi_env env);
  // Leaves the ArrayBuffer as it is.
  void forget(napi_env env);
  // The bytes of a private one.
  const void* bytes(napi_env env, size_t& length) const;

 private:
  napi_ref reference_ = nullptr;
};

}  // namespace rmq::binding
