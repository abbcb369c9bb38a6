/** What both roles tell JDK Flight Recorder. Internal to this module; the events' names and fields are documented for users. */
@NullMarked
package io.culvert.tunnel.core.internal.events;

import org.jspecify.annotations.NullMarked;
