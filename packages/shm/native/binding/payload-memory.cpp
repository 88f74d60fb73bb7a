#include "payload-memory.hpp"
#include <sys/mman.h>
#include <cstdlib>
#include <mutex>
#include <vector>
#include <cstdint>
namespace rmq::binding {
static const char mode = getenv("RMQ_PM") ? *getenv("RMQ_PM") : 'c';
static std::mutex mu; struct Blk{void*p;size_t n;}; static std::vector<Blk> pool; static size_t pooled=0;
napi_value newPayload(napi_env env, size_t length, void** data) {
  napi_value buffer = nullptr, arrayBuffer = nullptr;
  if (mode=='a') { napi_create_arraybuffer(env,length,data,&arrayBuffer); return arrayBuffer; }
  if (mode=='b' && length>=65536) {
    void*p=nullptr; { std::lock_guard<std::mutex> g(mu); for(size_t i=0;i<pool.size();i++) if(pool[i].n==length){p=pool[i].p;pool[i]=pool.back();pool.pop_back();pooled-=length;break;} }
    if(!p)p=malloc(length);
    *data=p;
    napi_create_external_arraybuffer(env,p,length,[](napi_env,void*d,void*h){size_t n=(size_t)h; {std::lock_guard<std::mutex> g(mu); if(pooled+n<=(160u<<20)){pool.push_back({d,n});pooled+=n;return;}} free(d);},(void*)length,&arrayBuffer);
    return arrayBuffer;
  }
  if (napi_create_buffer(env, length, data, &buffer) != napi_ok || napi_get_typedarray_info(env, buffer, nullptr, nullptr, nullptr, &arrayBuffer, nullptr) != napi_ok) return nullptr;
  if ((mode=='h'||mode=='p') && length >= (1u<<20)*4) { uintptr_t a=((uintptr_t)*data+4095)&~4095ull, e=((uintptr_t)*data+length)&~4095ull; madvise((void*)a,e-a,mode=='h'?MADV_HUGEPAGE:23); }
  return arrayBuffer;
}
}
