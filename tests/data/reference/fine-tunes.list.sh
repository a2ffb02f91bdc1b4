curl https://api.openai.com/v1/fine-tunes \ -H "Authorization: Bearer ${OPENAI_API_KEY}"
