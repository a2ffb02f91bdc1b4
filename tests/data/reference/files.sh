curl https://api.openai.com/v1/files \ -H "Authorization: Bearer ${OPENAI_API_KEY}" \ -F purpose="fine-tune" \ -F file="@mydata.jsonl"
