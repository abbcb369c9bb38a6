package io.culvert.tunnel;

/** What a data stream carries. */
public enum StreamKind {
    /** Plain HTTP/1.1: one request after another, kept alive between them. */
    HTTP,
    /** One connection that asked for an HTTP upgrade (RFC 9110, section 7.8), such as a WebSocket. */
    UPGRADE
}
