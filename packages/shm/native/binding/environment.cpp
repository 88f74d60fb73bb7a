#include "environment.hpp"

#include <cstdlib>

namespace rmq::binding {
namespace {

// process.exit() ends the process without ending its main environment; exit
// handlers do run then, in the thread that exits. The environments of other
// threads have ended before, or their threads are still at work in them.
thread_local Environment* environmentsHere = nullptr;

}  // namespace

Tenant::Tenant(Environment& environment) : environment_(&environment), next_(environment.tenants_) {
  if (next_ != nullptr) next_->previous_ = this;
  environment.tenants_ = this;
}

Tenant::~Tenant() {
  if (environment_ == nullptr) return;
  (previous_ != nullptr ? previous_->next_ : environment_->tenants_) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
}

Environment::Environment(napi_env env) : nextOfThread_(environmentsHere) {
  environmentsHere = this;
  static const int registered = std::atexit(endAllOfThisThread);
  static_cast<void>(registered);
  // Runs before what V8 has left is finalized.
  napi_add_env_cleanup_hook(env, [](void* self) { static_cast<Environment*>(self)->end(); }, this);
  char probe[1] = {};
  napi_value buffer;
  zeroCopy = napi_create_external_arraybuffer(env, probe, 0, [](napi_env, void*, void*) {}, nullptr, &buffer) ==
             napi_ok;
}

Environment::~Environment() {
  end();
  Environment** link = &environmentsHere;
  while (*link != nullptr && *link != this) link = &(*link)->nextOfThread_;
  if (*link == this) *link = nextOfThread_;
}

void Environment::end() {
  while (tenants_ != nullptr) {
    Tenant* tenant = tenants_;
    tenants_ = tenant->next_;
    tenant->environment_ = nullptr;
    tenant->previous_ = tenant->next_ = nullptr;
    tenant->moveOut();
  }
}

void Environment::endAllOfThisThread() {
  for (Environment* e = environmentsHere; e != nullptr; e = e->nextOfThread_) e->end();
}

void Environment::create(napi_env env) {
  napi_set_instance_data(env, new Environment(env),
                         [](napi_env, void* self, void*) { delete static_cast<Environment*>(self); }, nullptr);
}

Environment& Environment::of(napi_env env) {
  void* self = nullptr;
  napi_get_instance_data(env, &self);
  return *static_cast<Environment*>(self);
}

}  // namespace rmq::binding
