#include "bell-object.hpp"

#include "arguments.hpp"
#include "native-object.hpp"
#include "opening.hpp"
#include "results.hpp"

namespace rmq::binding {
namespace {

constexpr napi_type_tag kTag = {0x4d2bb7a0c1f74d51ull, 0x9e0f5b6a7c3d2e18ull};

napi_value detachFd(napi_env env, BellObject& self, napi_value*) {
  return number(env, static_cast<double>(self.bell().detachFd()));
}

napi_value close(napi_env, BellObject& self, napi_value*) {
  self.bell().close();
  return nullptr;
}

constexpr Method kMethods[] = {
    {"detachFd", method<BellObject, 0, detachFd>},
    {"close", method<BellObject, 0, close>},
};

}  // namespace

BellObject* BellObject::from(napi_env env, napi_value value) {
  bool isBell = false;
  void* self = nullptr;
  if (napi_check_object_type_tag(env, value, &kTag, &isBell) == napi_ok && isBell) napi_unwrap(env, value, &self);
  if (self == nullptr) refuse(env, "bell must be a NativeBell");
  return static_cast<BellObject*>(self);
}

Napi::Value openBell(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::string directory;
  gid_t group = ring::kNoGroup;
  if (!readPath(info[0], directory) || !readGroup(env, info[1], group)) return env.Undefined();
  auto* self = new BellObject(Environment::of(env));
  ring::Diagnosis diagnosis;
  const ring::Status s = self->bell().open(directory, group, diagnosis);
  if (s != ring::Status::ok) {
    delete self;
    return failure(env, s, diagnosis);
  }
  const napi_value object = makeObject(env, self, kMethods);
  if (object != nullptr) napi_type_tag_object(env, object, &kTag);
  return Napi::Value(env, object);
}

}  // namespace rmq::binding
