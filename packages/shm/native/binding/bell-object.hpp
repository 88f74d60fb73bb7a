#pragma once

#include "bell.hpp"
#include "environment.hpp"

namespace rmq::binding {

// NativeBell: one FIFO that wakes this environment.
class BellObject final : public Tenant {
 public:
  explicit BellObject(Environment& environment) : Tenant(environment) {}

  // Null, and a TypeError thrown: `value` is no bell.
  static BellObject* from(napi_env env, napi_value value);

  ring::Bell& bell() { return bell_; }
  void moveOut() override { bell_.close(); }
  void collected(napi_env) {}

 private:
  ring::Bell bell_;
};

// openBell(directory, group)
Napi::Value openBell(const Napi::CallbackInfo& info);

}  // namespace rmq::binding
