// SPDX-License-Identifier: Apache-2.0
#include "base/give_way.h"

#include <sys/resource.h>

namespace atlas {

void give_way(int niceness) {
    if (getpriority(PRIO_PROCESS, 0) < niceness) setpriority(PRIO_PROCESS, 0, niceness);
}

}  // namespace atlas
