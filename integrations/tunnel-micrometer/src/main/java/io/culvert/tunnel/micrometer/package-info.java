/** For applications: give a relay or an agent a {@link io.culvert.tunnel.micrometer.MicrometerMetrics}, and Micrometer has its figures. */
@NullMarked
package io.culvert.tunnel.micrometer;

import org.jspecify.annotations.NullMarked;
