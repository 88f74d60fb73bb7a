#include "native-object.hpp"

namespace rmq::binding {
namespace {

bool addMethod(napi_env env, napi_value object, const Method& method, void* self) {
  napi_value function;
  if (napi_create_function(env, method.name, NAPI_AUTO_LENGTH, method.call, self, &function) != napi_ok) return false;
  const napi_property_descriptor owner = {"owner", nullptr, nullptr, nullptr, nullptr, object, napi_default, nullptr};
  return napi_define_properties(env, function, 1, &owner) == napi_ok &&
         napi_set_named_property(env, object, method.name, function) == napi_ok;
}

}  // namespace

napi_value makeObject(napi_env env, void* self, napi_finalize finalize, const Method* methods, size_t count,
                      napi_ref* weak) {
  napi_value object;
  if (napi_create_object(env, &object) != napi_ok ||
      napi_wrap(env, object, self, finalize, nullptr, weak) != napi_ok) {
    finalize(env, self, nullptr);
    return nullptr;
  }
  for (size_t i = 0; i < count; ++i) {
    if (!addMethod(env, object, methods[i], self)) return nullptr;
  }
  return object;
}

}  // namespace rmq::binding
