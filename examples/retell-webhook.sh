#!/bin/sh
# A CGI program (RFC 3875): a web server starts it for each webhook of Retell AI, and it passes that on, byte for byte.
# Retell sends a webhook again that is not answered by 2xx. callq finds its queue by CALLQ_CONFIG and CALLQ_DB, and the key
# as its configuration says.
set -u

head -c "${CONTENT_LENGTH:-0}" |
    callq -q report --input retell --signature "${HTTP_X_RETELL_SIGNATURE:-none}" >/dev/null
case $? in
0) status='204 No Content' ;;
2) status='400 Bad Request' ;;
3) status='404 Not Found' ;;           # no attempt of this queue
4) status='403 Forbidden' ;;           # a wrong signature, or another result than is known
6) status='503 Service Unavailable' ;; # busy: it comes again
*) status='500 Internal Server Error' ;;
esac
printf 'Status: %s\r\n\r\n' "$status"
