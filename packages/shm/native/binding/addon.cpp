#include <napi.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "bell-object.hpp"
#include "environment.hpp"
#include "inspecting.hpp"
#include "layout.hpp"
#include "legacy-binding.hpp"
#include "opening.hpp"
#include "process-self.hpp"
#include "segment-object.hpp"

namespace rmq::binding {
namespace {

Napi::Array statusNames(Napi::Env env) {
  const Napi::Array names = Napi::Array::New(env);
  for (uint32_t s = 0; s <= static_cast<uint32_t>(ring::Status::systemError); ++s) {
    names.Set(s, ring::statusName(static_cast<ring::Status>(s)));
  }
  return names;
}

Napi::Value hostIdentity(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  uint8_t boot[16];
  ring::readBootId(boot);
  char bootId[2 * sizeof boot + 1];
  for (size_t i = 0; i < sizeof boot; ++i) snprintf(bootId + 2 * i, 3, "%02x", boot[i]);
  struct stat st;
  const bool hasTimeNamespace = stat("/proc/self/ns/time", &st) == 0;
  const Napi::Object identity = Napi::Object::New(env);
  identity.Set("bootId", bootId);
  identity.Set("timeNamespace", hasTimeNamespace ? std::to_string(st.st_ino) : std::string());
  identity.Set("user", static_cast<double>(geteuid()));
  return identity;
}

Napi::Object exportAll(Napi::Env env, Napi::Object exports) {
  Environment::create(env);

  exports.Set("statusNames", statusNames(env));
  exports.Set("abi", static_cast<double>(ring::kAbi));
  exports.Set("zeroCopy", Environment::of(env).zeroCopy);
  exports.Set("createSegment", Napi::Function::New<createSegment>(env, "createSegment"));
  exports.Set("attachSegment", Napi::Function::New<attachSegment>(env, "attachSegment"));
  exports.Set("removeSegment", Napi::Function::New<removeSegment>(env, "removeSegment"));
  exports.Set("openBell", Napi::Function::New<openBell>(env, "openBell"));
  exports.Set("hostIdentity", Napi::Function::New<hostIdentity>(env, "hostIdentity"));
  exportInspecting(env, exports);
  exportLegacy(env, exports);
  return exports;
}

}  // namespace
}  // namespace rmq::binding

using rmq::binding::exportAll;
NODE_API_MODULE(rmq_shm, exportAll)
