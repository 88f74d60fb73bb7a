#include "legacy-binding.hpp"

#include "legacy-mutex.hpp"

namespace rmq::binding {
namespace {

// (segmentPath, group | undefined) → errno
Napi::Value createLegacyMutex(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsString() || !(info[1].IsUndefined() || info[1].IsNumber())) {
    Napi::TypeError::New(env, "createLegacyMutex(path, group)").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  const gid_t group = info[1].IsUndefined() ? legacy::kNoGroup : info[1].As<Napi::Number>().Uint32Value();
  return Napi::Number::New(env, legacy::createLegacyMutex(info[0].As<Napi::String>(), group));
}

}  // namespace

void exportLegacy(Napi::Env env, Napi::Object exports) {
  exports.Set("createLegacyMutex", Napi::Function::New<createLegacyMutex>(env, "createLegacyMutex"));
}

}  // namespace rmq::binding
