//! The activity feed's events and the sentence each one reads as.

use crate::words;

words! {
    FeedEvent {
        CaseCreated = "case_created",
        MessageReceived = "message_received",
        MessageSent = "message_sent",
        CommentAdded = "comment_added",
        StatusChanged = "status_changed",
        CaseClosed = "case_closed",
        CaseAutoClosed = "case_auto_closed",
        CaseReopened = "case_reopened",
        CaseAutoReopened = "case_auto_reopened",
        Assigned = "assigned",
        Unassigned = "unassigned",
        QueueChanged = "queue_changed",
        PriorityChanged = "priority_changed",
        TypeChanged = "type_changed",
        TitleChanged = "title_changed",
        TagsChanged = "tags_changed",
        KeepOpenChanged = "keep_open_changed",
        FollowUpCreated = "follow_up_created",
        Warned = "warned",
    }
}

impl FeedEvent {
    /// What happened, in words that need no data. Names and values stand beside it, in the entry's `data`.
    pub const fn text(self) -> &'static str {
        match self {
            FeedEvent::CaseCreated => "Case created",
            FeedEvent::MessageReceived => "Message received",
            FeedEvent::MessageSent => "Message sent",
            FeedEvent::CommentAdded => "Internal note added",
            FeedEvent::StatusChanged => "Status changed",
            FeedEvent::CaseClosed => "Closed",
            FeedEvent::CaseAutoClosed => "Closed due to inactivity",
            FeedEvent::CaseReopened => "Reopened",
            FeedEvent::CaseAutoReopened => "Reopened because the customer answered",
            FeedEvent::Assigned => "Assigned",
            FeedEvent::Unassigned => "Unassigned",
            FeedEvent::QueueChanged => "Moved to another queue",
            FeedEvent::PriorityChanged => "Priority changed",
            FeedEvent::TypeChanged => "Type changed",
            FeedEvent::TitleChanged => "Title changed",
            FeedEvent::TagsChanged => "Tags changed",
            FeedEvent::KeepOpenChanged => "Keep open until changed",
            FeedEvent::FollowUpCreated => "Follow-up case created",
            FeedEvent::Warned => "Customer warned of the coming close",
        }
    }
}
