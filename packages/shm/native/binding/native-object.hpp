#pragma once

#include <napi.h>

namespace rmq::binding {

// A method of a native object: its self comes with the function, which costs
// half of looking it up in the receiver, and no receiver can be a wrong one.
// Arguments that are missing are undefined.
template <class Self, size_t count, napi_value (*body)(napi_env, Self&, napi_value*)>
napi_value method(napi_env env, napi_callback_info info) {
  napi_value arguments[count == 0 ? 1 : count];
  size_t given = count;
  void* self = nullptr;
  napi_get_cb_info(env, info, &given, arguments, nullptr, &self);
  return body(env, *static_cast<Self*>(self), arguments);
}

struct Method {
  const char* name;
  napi_callback call;
};

// A JavaScript object around `self`, or null. They die together: each method
// refers to the object, so that `self` outlives those that were taken out of it.
napi_value makeObject(napi_env env, void* self, napi_finalize finalize, const Method* methods, size_t count,
                      napi_ref* weak);

template <class Self, size_t count>
napi_value makeObject(napi_env env, Self* self, const Method (&methods)[count], napi_ref* weak = nullptr) {
  const auto finalize = [](napi_env e, void* data, void*) {
    static_cast<Self*>(data)->collected(e);
    delete static_cast<Self*>(data);
  };
  return makeObject(env, self, finalize, methods, count, weak);
}

}  // namespace rmq::binding
