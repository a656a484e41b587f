// SPDX-License-Identifier: Apache-2.0
#include "analytics/store.h"

namespace atlas::analytics {

void Points::clear() {
    tenant.clear();
    entity.clear();
    attribute.clear();
    observed_at.clear();
    received_at.clear();
    group.clear();
    int_value.clear();
    double_value.clear();
    text.clear();
    text_bytes.clear();
}

}  // namespace atlas::analytics
