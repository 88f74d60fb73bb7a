#include "views.hpp"

namespace rmq::binding {

napi_value showBytes(napi_env env, const std::shared_ptr<ring::Mapping>& mapping, const uint8_t* data,
                     size_t length) {
  // Runs whenever the memory is let go, also after the environment has ended: it
  // touches nothing but the mapping.
  const auto release = [](napi_env, void*, void* share) { delete static_cast<std::shared_ptr<ring::Mapping>*>(share); };
  auto* share = new std::shared_ptr<ring::Mapping>(mapping);
  napi_value view = nullptr;
  if (napi_create_external_arraybuffer(env, const_cast<uint8_t*>(data), length, release, share, &view) != napi_ok) {
    delete share;
    return nullptr;
  }
  return view;
}

void RevocableView::hold(napi_env env, napi_value arrayBuffer) {
  napi_create_reference(env, arrayBuffer, 1, &reference_);
}

void RevocableView::revoke(napi_env env) {
  if (reference_ == nullptr) return;
  napi_value buffer = nullptr;
  if (napi_get_reference_value(env, reference_, &buffer) == napi_ok && buffer != nullptr) {
    napi_detach_arraybuffer(env, buffer);
  }
  forget(env);
}

void RevocableView::forget(napi_env env) {
  if (reference_ != nullptr) napi_delete_reference(env, reference_);
  reference_ = nullptr;
}

const void* RevocableView::bytes(napi_env env, size_t& length) const {
  napi_value buffer = nullptr;
  void* data = nullptr;
  length = 0;
  if (napi_get_reference_value(env, reference_, &buffer) == napi_ok && buffer != nullptr) {
    napi_get_arraybuffer_info(env, buffer, &data, &length);
  }
  return data;
}

}  // namespace rmq::binding
