#pragma once

#include <napi.h>

namespace rmq::binding {

class Environment;

// Something of this environment that others on the host can see: a place in a
// segment, a file. It must be given up when the environment ends, which comes
// before garbage collection gets to it, or instead.
class Tenant {
 public:
  explicit Tenant(Environment& environment);
  virtual ~Tenant();
  Tenant(const Tenant&) = delete;
  Tenant& operator=(const Tenant&) = delete;

  // Runs when no JavaScript may run any more: no Node-API in here.
  virtual void moveOut() = 0;

 private:
  friend class Environment;
  Environment* environment_;
  Tenant* previous_ = nullptr;
  Tenant* next_ = nullptr;
};

// What the addon keeps for one main thread or worker.
class Environment {
 public:
  static void create(napi_env env);
  static Environment& of(napi_env env);

  // Whether memory outside of V8's heap may be shown without a copy.
  bool zeroCopy = false;

 private:
  friend class Tenant;
  explicit Environment(napi_env env);
  ~Environment();
  void end();

  static void endAllOfThisThread();

  Tenant* tenants_ = nullptr;
  Environment* nextOfThread_ = nullptr;
};

}  // namespace rmq::binding
