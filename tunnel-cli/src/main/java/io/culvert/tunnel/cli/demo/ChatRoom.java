package io.culvert.tunnel.cli.demo;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Everyone who chats. What one says, all hear. Thread-safe. */
final class ChatRoom {
    private static final int MAX_MEMBERS = 1_000;

    private final Set<ChatMember> members = ConcurrentHashMap.newKeySet();

    /** Lets a member in, or tells that the room is full. */
    boolean join(ChatMember member) {
        if (members.size() >= MAX_MEMBERS) {
            return false;
        }
        members.add(member);
        tellCount();
        return true;
    }

    void leave(ChatMember member) {
        if (members.remove(member)) {
            tellCount();
        }
    }

    /** Passes a message to everyone, the one who said it included, as it is. */
    void say(String message) {
        members.forEach(member -> member.hear(message));
    }

    private void tellCount() {
        say("{\"members\":" + members.size() + "}");
    }
}
