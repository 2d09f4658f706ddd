"""What agents achieve on a load, by the model of the queue's channel: Erlang C and A, chats, redials."""

from staffing.channels.answering import Served, model, serve
from staffing.channels.chat import chat_time, throughput
from staffing.channels.redial import first_attempts, total_load

__all__ = ["Served", "chat_time", "first_attempts", "model", "serve", "throughput", "total_load"]
